/** The actions on a pending source in its row, up to removing it and then its flow. */

import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { mailsTo, mailTo } from '../support/mails.ts';

test('an invitation is revoked and renewed from its row, then source and flow are removed', async ({ people }) => {
  const buyer = await people.buyer();
  const { email } = uniqueLogin('Seller');
  const flow = await buyer.createFlow('Solar leads');
  await buyer.invite(email);
  await mailTo(email);

  await test.step('the page says that it is too soon to resend', async () => {
    await buyer.openActions(email);
    await buyer.watch.refusal(429, () => buyer.action(email, 'Resend').click());
    await buyer.sees(buyer.page.getByText(/less than a minute ago/));
    await buyer.openSources(flow);
  });

  await buyer.openActions(email);
  await buyer.action(email, 'Revoke').click();
  await buyer.arrivesAt(/^Revoke/);
  await buyer.button('Revoke').click();
  await buyer.seesMessage('Invitation revoked.');
  await buyer.sees(buyer.source(email).getByText('Account Source (Revoked)', { exact: true }));

  await buyer.openActions(email);
  await buyer.action(email, 'Invite again').click();
  await buyer.seesMessage('Invitation sent.');
  await buyer.sees(buyer.source(email).getByText('Account Source (Connection Pending)', { exact: true }));
  await expect.poll(async () => (await mailsTo(email)).length).toBe(2);

  await buyer.openActions(email);
  await buyer.action(email, 'Remove').click();
  await buyer.arrivesAt(`Remove ${email}?`);
  await expect(buyer.field('Also revoke the invitation')).toBeChecked();
  await buyer.button('Remove').click();
  await buyer.seesMessage('Source removed.');
  await buyer.sees(buyer.page.getByText('No sources yet'));

  await buyer.link('Archive or delete').click();
  await buyer.arrivesAt(`Delete ${flow.name}?`);
  await buyer.button('Delete').click();
  await buyer.seesMessage('Flow deleted.');
});
