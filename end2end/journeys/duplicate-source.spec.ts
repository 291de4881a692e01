/** Two addresses of one company are invited to a flow: both sources are kept, and the buyer chooses one. */

import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailTo } from '../support/mails.ts';

test("a company's second source is a duplicate that can be used instead or removed", async ({ people }) => {
  const [buyer, seller, known] = await Promise.all([people.buyer(), people.seller(), people.company('Seller', { plan: 'partners' })]);
  const second = uniqueLogin('Sales');
  const flow = await buyer.createFlow('Solar leads');
  await buyer.invite(known.email);
  await buyer.invite(second.email);

  await seller.openInvitation(linkIn(await mailTo(known.email, buyer.company.company), '/i/'), buyer.company.company);
  await seller.signInToAnswer(known);
  await seller.accept(known.company, buyer.company.company);
  await seller.openInvitation(linkIn(await mailTo(second.email, buyer.company.company), '/i/'), buyer.company.company);
  await seller.page.getByRole('checkbox').check();
  await seller.accept(known.company, buyer.company.company);

  await buyer.awaitChange();
  const [used, duplicate] = [buyer.source(known.company).nth(0), buyer.source(known.company).nth(1)];
  await buyer.sees(duplicate.getByText('Duplicate', { exact: true }));
  await expect(used.getByRole('switch')).toBeChecked();
  await expect(duplicate.getByRole('switch')).toBeDisabled();
  const href = await duplicate.getByRole('link', { name: known.company, exact: true }).getAttribute('href');

  await duplicate.getByRole('button', { name: 'Use this one instead' }).click();
  await buyer.seesMessage('The duplicate is now in use.');
  await expect(used.getByRole('link', { name: known.company, exact: true })).toHaveAttribute('href', href ?? '');
  await expect(used.getByRole('switch')).toBeChecked();

  await duplicate.getByRole('link', { name: 'Remove', exact: true }).first().click();
  await buyer.arrivesAt(`Remove ${known.company}?`);
  await buyer.button('Remove').click();
  await buyer.seesMessage('Source removed.');
  await expect(buyer.source(known.company)).toHaveCount(1);
  await seller.openDocs(buyer.company.company, flow.name);
});
