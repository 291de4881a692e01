/** The owner of an address stops invitations; people who invite it see why none arrives. */

import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailsTo, mailTo } from '../support/mails.ts';

test('an address stops invitations, and the next inviter sees that', async ({ people }) => {
  const [buyer, other, owner] = await Promise.all([people.buyer(), people.buyer(), people.visitor()]);
  const { email } = uniqueLogin('Seller');
  await buyer.createFlow('Solar leads');
  await buyer.invite(email);
  const mail = await mailTo(email, buyer.company.company);
  const stop = linkIn(mail, '/stop/');

  await test.step('opening the page changes nothing, its button stops invitations', async () => {
    await owner.open(stop);
    await owner.arrivesAt('Stop invitations?');
    await expect(owner.page.getByText(email)).toHaveCount(0);
    await owner.button('Stop invitations').click();
    await owner.seesMessage('This address no longer gets invitations from Accord.');
    await owner.arrivesAt('Invitations are stopped');
  });

  await test.step('the next invitation is created and shows why it is not delivered', async () => {
    const flow = await other.createFlow('Mortgage leads');
    await other.invite(email);
    await expect(async () => {
      await other.openSources(flow);
      await expect(other.source(email)).toContainText('This address does not accept invitations.', { timeout: 1_000 });
    }).toPass();
    await expect(other.source(email).getByText('Account Source (Connection Pending)', { exact: true })).toBeVisible();
    await expect(other.source(email).getByText('Undeliverable', { exact: true })).toBeVisible();
    expect(await mailsTo(email)).toHaveLength(1);
  });

  await test.step('earlier invitations still work', async () => {
    const seller = await people.seller();
    await seller.openInvitation(linkIn(mail, '/i/'), buyer.company.company);
  });

  await test.step('allow them again', async () => {
    await owner.button('Allow invitations again').click();
    await owner.seesMessage('This address can get invitations again.');
    await owner.arrivesAt('Stop invitations?');
  });
});
