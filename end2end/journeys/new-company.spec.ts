/** Invitees who already have a sign-in can create a new company to accept with. */

import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailTo } from '../support/mails.ts';

test('a person with a company accepts with a new one, which becomes the active one', async ({ people }) => {
  const [buyer, seller, known] = await Promise.all([people.buyer(), people.seller(), people.company('Seller', { plan: 'base' })]);
  const { company } = uniqueLogin('Branch');
  const flow = await buyer.createFlow('Solar leads');
  await buyer.invite(known.email);
  await seller.openInvitation(linkIn(await mailTo(known.email, buyer.company.company), '/i/'), buyer.company.company);
  await seller.signInToAnswer(known);

  await test.step('a company needs a name', async () => {
    await seller.link('Create a new company').click();
    await seller.arrivesAt('Create a new company');
    await seller.watch.refusal(422, () => seller.button('Create company').click());
    await seller.seesFieldError('Company name', /Enter/, '');
    await seller.link('Back').click();
    await seller.arrivesAt(`${buyer.company.company} invites you to connect`);
  });

  await seller.createCompany(company);
  await seller.accept(company, buyer.company.company);
  await seller.open('/');
  await seller.arrivesAt(company);
  await seller.open('/settings/subscription');
  await expect(seller.page.getByRole('main')).toContainText('LeadConduit for Partners');
  await seller.openDocs(buyer.company.company, flow.name);

  await buyer.awaitChange();
  await buyer.sees(buyer.source(company).getByText('Account Source', { exact: true }));
  await expect(buyer.source(known.company)).toHaveCount(0);
});

test('a person who belongs only to the inviting company accepts with a new one', { tag: '@once' }, async ({ people }) => {
  const buyer = await people.buyer();
  const [{ email }, { company }] = [uniqueLogin('Seller'), uniqueLogin('Branch')];
  await buyer.createFlow('Solar leads');
  await buyer.invite(email);
  const accepting = await people.seller();
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
  await accepting.open('/');
  await accepting.arrivesAt(company);
  await buyer.awaitChange();
  await buyer.sees(buyer.source(company).getByText('Account Source', { exact: true }));
});
