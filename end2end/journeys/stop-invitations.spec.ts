/** The owner of an address wants no invitations any more; who invites it sees why none arrives. */

import { newcomer } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailsTo, mailTo } from '../support/mails.ts';

test('an address stops invitations, and the next inviter is told', async ({ cast }) => {
  const [buyer, other, owner] = await Promise.all([cast.buyer(), cast.buyer(), cast.visitor()]);
  const { email } = newcomer('Seller');
  await buyer.createFlow('Solar leads');
  await buyer.invite(email);
  const mail = await mailTo(email, buyer.company.company);
  const stop = linkIn(mail, '/stop/');

  await test.step('opening the page stops nothing, its button does', async () => {
    await owner.open(stop);
    await owner.arrivesAt('Stop invitations?');
    await expect(owner.page.getByText(email)).toHaveCount(0);
    await owner.button('Stop invitations').click();
    await owner.isTold('This address no longer gets invitations from Accord.');
    await owner.arrivesAt('Invitations are stopped');
  });

  await test.step('the next invitation is made and says why it does not arrive', async () => {
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

  await test.step('what came before still works', async () => {
    const seller = await cast.seller();
    await seller.openInvitation(linkIn(mail, '/i/'), buyer.company.company);
  });

  await test.step('allow them again', async () => {
    await owner.button('Allow invitations again').click();
    await owner.isTold('This address can get invitations again.');
    await owner.arrivesAt('Stop invitations?');
  });
});
