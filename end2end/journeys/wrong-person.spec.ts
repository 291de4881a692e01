/** What is not yours is not there; a link that is not whole leads nowhere; nobody connects with themselves. */

import { newcomer } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailTo } from '../support/mails.ts';

test("a stranger does not find a flow, its source or its docs", { tag: '@once' }, async ({ cast, site }) => {
  const [buyer, stranger] = await Promise.all([cast.buyer(), cast.buyer()]);
  const flow = await buyer.createFlow('Solar leads');
  const { email } = newcomer('Seller');
  await buyer.invite(email);
  const source = await buyer.openSource(flow, email);
  const pages = ['sources', 'fields', 'acceptance-criteria', 'leads', 'sources/add', `sources/${source.id}`, `sources/${source.id}/docs`];
  for (const page of pages) {
    await stranger.openRefused(`/flows/${flow.id}/${page}`, 404);
    await expect(stranger.page.getByRole('heading', { level: 1 })).toHaveText('Page not found');
    await expect(stranger.page.getByRole('main').getByRole('link').first()).toBeVisible();
    await expect(stranger.page.getByText(flow.name)).toHaveCount(0);
  }
  await test.step('half an id is no id', () => stranger.openRefused(`/flows/${flow.id.slice(0, 12)}/sources`, 404));
  await test.step('nor is there a place to send leads to', async () => {
    const answer = await fetch(`${site.url}/flows/${flow.id}/sources/${flow.id}/submit`, { method: 'POST' });
    expect(answer.status).toBe(404);
  });
});

test('a visitor who is signed out is asked to sign in', { tag: '@once' }, async ({ cast }) => {
  const [buyer, visitor] = await Promise.all([cast.buyer(), cast.visitor()]);
  const flow = await buyer.createFlow('Solar leads');
  await visitor.open(`/flows/${flow.id}/sources`);
  await expect(visitor.page).toHaveURL(/\/signin\?next=/);
});

test('a link cut in half, a made-up one and the page without its cookie lead nowhere', { tag: '@once' }, async ({ cast }) => {
  const buyer = await cast.buyer();
  const [holder, stranger] = await Promise.all([cast.seller(), cast.visitor()]);
  const { email } = newcomer('Seller');
  await buyer.createFlow('Solar leads');
  await buyer.invite(email);
  const link = linkIn(await mailTo(email, buyer.company.company), '/i/');

  for (const wrong of [link.slice(0, -22), `${link.slice(0, -4)}AAAA`, new URL('/i/x', link).href]) {
    await stranger.openRefused(wrong, 404);
    await expect(stranger.page.getByRole('heading', { level: 1 })).toHaveText('Invitation not found');
    await expect(stranger.page.getByText(buyer.company.company)).toHaveCount(0);
  }
  await holder.openInvitation(link, buyer.company.company);
  await test.step('the address alone is not enough', () => stranger.openRefused(holder.page.url(), 404));
  await test.step('opening it again changes nothing', () => holder.openInvitation(link, buyer.company.company));
});

test('nobody accepts the invitation of their own company', async ({ cast }) => {
  const buyer = await cast.buyer();
  const { email } = newcomer('Seller');
  const flow = await buyer.createFlow('Solar leads');
  await buyer.invite(email);
  const link = linkIn(await mailTo(email, buyer.company.company), '/i/');
  await buyer.open(link);
  await buyer.sees(buyer.page.getByText('Your own account sent this invitation.'));
  await expect(buyer.button('Accept Invite to Connect')).toHaveCount(0);
  await buyer.openSources(flow);
  await expect(buyer.source(email).getByText('Account Source (Connection Pending)', { exact: true })).toBeVisible();
});

test('a plan that may not invite says so and offers the way to upgrade', { tag: '@once' }, async ({ cast }) => {
  const [company, member] = await Promise.all([cast.company('Seller', { plan: 'partners' }), cast.seller()]);
  await member.signIn(company);
  await member.watch.refusal(403, () => member.page.goto('/flows/new'));
  await member.look();
  await expect(member.page.getByRole('main')).toContainText('LeadConduit Base or Pro');
});

test('who accepts under another address than the invited one confirms it', async ({ cast }) => {
  const [buyer, seller] = await Promise.all([cast.buyer(), cast.seller()]);
  const other = await cast.company('Seller', { plan: 'partners' });
  const { email } = newcomer('Forwarded');
  await buyer.createFlow('Solar leads');
  await buyer.invite(email);
  const link = linkIn(await mailTo(email, buyer.company.company), '/i/');
  await seller.openInvitation(link, buyer.company.company);
  await seller.signInToAnswer(other);
  const main = seller.page.getByRole('main');
  await expect(main).toContainText(email);
  await expect(main).toContainText(other.email);
  await seller.page.getByRole('checkbox').check();
  await seller.accept(other.company, buyer.company.company);
  const told = await mailTo(buyer.company.email, `${other.company} accepted your invitation`);
  expect(told.text).toContain(other.email);
  expect(told.text).toContain(email);
});
