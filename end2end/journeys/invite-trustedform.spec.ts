/** A seller whose account has TrustedForm only: accepting adds LeadConduit for Partners, free. */

import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailTo } from '../support/mails.ts';

test('a company with only TrustedForm gets LeadConduit for Partners', { tag: '@once' }, async ({ people }) => {
  const [buyer, seller] = await Promise.all([people.buyer(), people.seller()]);
  const known = await people.company('Seller', { plan: 'none', trustedform: true });
  const flow = await buyer.createFlow('Solar leads');
  await buyer.invite(known.email);

  const mail = await mailTo(known.email, buyer.company.company);
  await seller.openInvitation(linkIn(mail, '/i/'), buyer.company.company);
  await seller.signInToAnswer(known);
  await seller.accept(known.company, buyer.company.company);

  await buyer.awaitChange();
  await buyer.sees(buyer.source(known.company).getByText('Account Source', { exact: true }));
  await expect(buyer.switch(known.company)).toBeChecked();

  await seller.open('/settings/subscription');
  const main = seller.page.getByRole('main');
  await expect(main).toContainText('LeadConduit for Partners');
  await expect(main).toContainText('TrustedForm');
  await seller.openDocs(buyer.company.company, flow.name);
});
