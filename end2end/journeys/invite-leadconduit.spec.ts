/** A seller that has LeadConduit: its plan stays, and the Submission Docs appear. */

import type { Company } from '../support/companies.ts';
import { expect, test, type People } from '../support/fixtures.ts';
import { linkIn, mailTo } from '../support/mails.ts';
import type { Seller } from '../support/seller.ts';

test('a company with LeadConduit keeps its plan', { tag: '@once' }, async ({ people }) => {
  const [buyer, seller] = await Promise.all([people.buyer({ plan: 'pro' }), people.seller()]);
  const known = await people.company('Seller', { plan: 'base' });
  const flow = await buyer.createFlow('Mortgage leads');
  await buyer.invite(known.email);

  const mail = await mailTo(known.email, buyer.company.company);
  await seller.openInvitation(linkIn(mail, '/i/'), buyer.company.company);
  await seller.signInToAnswer(known);
  await seller.accept(known.company, buyer.company.company);

  await buyer.awaitChange();
  await buyer.sees(buyer.source(known.company).getByText('Account Source', { exact: true }));

  await seller.open('/settings/subscription');
  await expect(seller.page.getByRole('main')).toContainText('LeadConduit Base');
  await expect(seller.page.getByRole('main')).not.toContainText('LeadConduit for Partners');
  await seller.openDocs(buyer.company.company, flow.name);
});

test('a signed-in invitee finds the invitation without its link and reviews it', async ({ people }) => {
  const { seller, known, buyer } = await signedInAndInvited(people);
  await expect(seller.page.getByRole('main')).toContainText(`${buyer} invites you to connect`);
  await seller.link('Review').click();
  await seller.arrivesAt(`${buyer} invites you to connect`);
  await seller.accept(known.company, buyer);
});

test('a signed-in invitee accepts on Home', async ({ people }) => {
  const { seller, known, buyer } = await signedInAndInvited(people);
  await seller.button(new RegExp(`^Accept as ${known.company}`)).click();
  await seller.seesMessage('connected.');
  await seller.openDocs(buyer, 'Solar leads');
});

async function signedInAndInvited(people: People): Promise<{ seller: Seller; known: Company; buyer: string }> {
  const [buyer, seller, known] = await Promise.all([people.buyer(), people.seller(), people.company('Seller', { plan: 'partners' })]);
  await buyer.createFlow('Solar leads');
  await buyer.invite(known.email);
  await seller.signIn(known);
  await seller.open('/');
  return { seller, known, buyer: buyer.company.company };
}
