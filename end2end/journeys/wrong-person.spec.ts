/** Other accounts' pages are 404, incomplete links are not found, and no company connects with itself. */

import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailTo } from '../support/mails.ts';

test("a stranger gets 404 for a flow, its source and its docs", { tag: '@once' }, async ({ people, site }) => {
  const [buyer, stranger] = await Promise.all([people.buyer(), people.buyer()]);
  const flow = await buyer.createFlow('Solar leads');
  const { email } = uniqueLogin('Seller');
  await buyer.invite(email);
  const source = await buyer.openSource(flow, email);
  const pages = ['sources', 'fields', 'acceptance-criteria', 'leads', 'sources/add', `sources/${source.id}`, `sources/${source.id}/docs`];
  for (const page of pages) {
    await stranger.openRefused(`/flows/${flow.id}/${page}`, 404);
    await expect(stranger.page.getByRole('heading', { level: 1 })).toHaveText('Page not found');
    await expect(stranger.page.getByRole('main').getByRole('link').first()).toBeVisible();
    await expect(stranger.page.getByText(flow.name)).toHaveCount(0);
  }
  await test.step('half an id is not found', () => stranger.openRefused(`/flows/${flow.id.slice(0, 12)}/sources`, 404));
  await test.step('there is no submission URL either', async () => {
    const response = await fetch(`${site.url}/flows/${flow.id}/sources/${flow.id}/submit`, { method: 'POST' });
    expect(response.status).toBe(404);
  });
});

test('a signed-out visitor is asked to sign in', { tag: '@once' }, async ({ people }) => {
  const [buyer, visitor] = await Promise.all([people.buyer(), people.visitor()]);
  const flow = await buyer.createFlow('Solar leads');
  await visitor.open(`/flows/${flow.id}/sources`);
  await expect(visitor.page).toHaveURL(/\/signin\?next=/);
});

test('a truncated link, an invented one and the page without its cookie are not found', { tag: '@once' }, async ({ people }) => {
  const buyer = await people.buyer();
  const [holder, stranger] = await Promise.all([people.seller(), people.visitor()]);
  const { email } = uniqueLogin('Seller');
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

test("nobody can accept their own company's invitation", async ({ people }) => {
  const buyer = await people.buyer();
  const { email } = uniqueLogin('Seller');
  const flow = await buyer.createFlow('Solar leads');
  await buyer.invite(email);
  const link = linkIn(await mailTo(email, buyer.company.company), '/i/');
  await buyer.open(link);
  await buyer.sees(buyer.page.getByText('Your own account sent this invitation.'));
  await expect(buyer.button('Accept Invite to Connect')).toHaveCount(0);
  await buyer.openSources(flow);
  await expect(buyer.source(email).getByText('Account Source (Connection Pending)', { exact: true })).toBeVisible();
});

test('a plan without invitations says so and offers an upgrade', { tag: '@once' }, async ({ people }) => {
  const [company, member] = await Promise.all([people.company('Seller', { plan: 'partners' }), people.seller()]);
  await member.signIn(company);
  await member.watch.refusal(403, () => member.page.goto('/flows/new'));
  await member.checkPage();
  await expect(member.page.getByRole('main')).toContainText('LeadConduit Base or Pro');
});

test('accepting under another address than the invited one needs a confirmation', async ({ people }) => {
  const [buyer, seller] = await Promise.all([people.buyer(), people.seller()]);
  const other = await people.company('Seller', { plan: 'partners' });
  const { email } = uniqueLogin('Forwarded');
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
  const notice = await mailTo(buyer.company.email, `${other.company} accepted your invitation`);
  expect(notice.text).toContain(other.email);
  expect(notice.text).toContain(email);
});
