/** Who has a login may accept with a company made for it. */

import { newcomer } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailTo } from '../support/mails.ts';

test('somebody with a company accepts with a new one, and goes on in it', async ({ cast }) => {
  const [buyer, seller, known] = await Promise.all([cast.buyer(), cast.seller(), cast.company('Seller', { plan: 'base' })]);
  const { company } = newcomer('Branch');
  const flow = await buyer.createFlow('Solar leads');
  await buyer.invite(known.email);
  await seller.openInvitation(linkIn(await mailTo(known.email, buyer.company.company), '/i/'), buyer.company.company);
  await seller.signInToAnswer(known);

  await test.step('a company needs a name', async () => {
    await seller.link('Create a new company').click();
    await seller.arrivesAt('Create a new company');
    await seller.watch.refusal(422, () => seller.button('Create company').click());
    await seller.isRefusedAt('Company name', /Enter/, '');
    await seller.link('Back').click();
    await seller.arrivesAt(`${buyer.company.company} invites you to connect`);
  });

  await seller.createCompany(company);
  await seller.accept(company, buyer.company.company);
  await seller.arrivesAt(company);
  await seller.open('/settings/subscription');
  await expect(seller.page.getByRole('main')).toContainText('LeadConduit for Partners');
  await seller.openDocs(buyer.company.company, flow.name);

  await buyer.awaitChange();
  await buyer.sees(buyer.source(company).getByText('Account Source', { exact: true }));
  await expect(buyer.source(known.company)).toHaveCount(0);
});

test('who works for the inviter only accepts with a company of their own', { tag: '@once' }, async ({ cast }) => {
  const buyer = await cast.buyer();
  const [{ email }, { company }] = [newcomer('Seller'), newcomer('Branch')];
  await buyer.createFlow('Solar leads');
  await buyer.invite(email);
  const accepting = await cast.seller();
  const link = linkIn(await mailTo(email, buyer.company.company), '/i/');
  await accepting.openInvitation(link, buyer.company.company);
  await accepting.link('Sign in').click();
  await accepting.sees(accepting.button('Sign in'));
  await accepting.fillSignIn(buyer.company.email, buyer.company.password);
  await accepting.sees(accepting.page.getByText('Your own account sent this invitation.'));
  await expect(accepting.button('Accept Invite to Connect')).toHaveCount(0);

  await accepting.createCompany(company);
  await accepting.page.getByRole('checkbox').check();
  await accepting.accept(company, buyer.company.company);
  await accepting.arrivesAt(company);
  await buyer.awaitChange();
  await buyer.sees(buyer.source(company).getByText('Account Source', { exact: true }));
});
