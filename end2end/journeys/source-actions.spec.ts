/** What can be done with a source that waits, from its row, until it is gone, and its flow after it. */

import { newcomer } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { mailsTo, mailTo } from '../support/mails.ts';

test('an invitation is revoked and sent again from the row, and source and flow are removed', async ({ cast }) => {
  const buyer = await cast.buyer();
  const { email } = newcomer('Seller');
  const flow = await buyer.createFlow('Solar leads');
  await buyer.invite(email);
  await mailTo(email);

  await test.step('too soon to resend, and the page says so', async () => {
    await buyer.openActions(email);
    await buyer.watch.refusal(429, () => buyer.action(email, 'Resend').click());
    await buyer.sees(buyer.page.getByText(/less than a minute ago/));
    await buyer.openSources(flow);
  });

  await buyer.openActions(email);
  await buyer.action(email, 'Revoke').click();
  await buyer.arrivesAt(/^Revoke/);
  await buyer.button('Revoke').click();
  await buyer.isTold('Invitation revoked.');
  await buyer.sees(buyer.source(email).getByText('Account Source (Revoked)', { exact: true }));

  await buyer.openActions(email);
  await buyer.action(email, 'Invite again').click();
  await buyer.isTold('Invitation sent.');
  await buyer.sees(buyer.source(email).getByText('Account Source (Connection Pending)', { exact: true }));
  await expect.poll(async () => (await mailsTo(email)).length).toBe(2);

  await buyer.openActions(email);
  await buyer.action(email, 'Remove').click();
  await buyer.arrivesAt(`Remove ${email}?`);
  await expect(buyer.field('Also revoke the invitation')).toBeChecked();
  await buyer.button('Remove').click();
  await buyer.isTold('Source removed.');
  await buyer.sees(buyer.page.getByText('No sources yet'));

  await buyer.link('Archive or delete').click();
  await buyer.arrivesAt(`Delete ${flow.name}?`);
  await buyer.button('Delete').click();
  await buyer.isTold('Flow deleted.');
});
