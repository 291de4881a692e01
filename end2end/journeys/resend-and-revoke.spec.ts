/** An inviter revokes an invitation while the seller reads it, then invites again; the setup is kept. */

import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailTo } from '../support/mails.ts';

test('a revoked invitation says so immediately, and a new one is accepted with the setup kept', async ({ people }) => {
  test.slow();
  const [buyer, seller] = await Promise.all([people.buyer(), people.seller()]);
  const { company } = buyer.company;
  const invited = uniqueLogin('Seller');
  const flow = await buyer.createFlow('Solar leads', ['State']);
  await buyer.invite(invited.email);
  const source = await buyer.openSource(flow, invited.email);
  await buyer.addMapping('State', 'st');
  await buyer.save();

  const link = linkIn(await mailTo(invited.email, company), '/i/');
  await seller.openInvitation(link, company);
  await seller.createAccount(invited);

  await test.step('the list says that it is too soon to resend', async () => {
    await buyer.open('/invitations');
    await buyer.sees(buyer.invitation(invited.email).getByText('Pending', { exact: true }));
    const resend = buyer.invitation(invited.email).getByRole('button', { name: /^Resend/ });
    await buyer.watch.refusal(429, () => resend.click());
    await buyer.sees(buyer.page.getByRole('alert').filter({ hasText: 'less than a minute ago' }));
  });

  await test.step('revoke', async () => {
    await buyer.openMore(invited.email);
    await buyer.invitation(invited.email).getByRole('link', { name: /^Revoke/ }).click();
    await buyer.arrivesAt(`Revoke the invitation to ${invited.email}?`);
    await buyer.button('Revoke').click();
    await buyer.seesMessage('Invitation revoked.');
    await expect(buyer.page).toHaveURL(/\/invitations$/);
    await expect(buyer.invitation(invited.email).getByText('Revoked', { exact: true })).toBeVisible();
  });

  await test.step('the open page and the link say so', async () => {
    await seller.chooseCompany(invited.company);
    await seller.watch.refusal(410, () => seller.button('Accept Invite to Connect').click());
    await seller.arrivesAt('This invitation was revoked');
    await expect(seller.page.getByRole('main')).toContainText(company);
    await seller.openRefused(link, 410);
    await seller.arrivesAt('This invitation was revoked');
    await expect(seller.button('Accept Invite to Connect')).toHaveCount(0);
  });

  await test.step('invite again', async () => {
    await buyer.invitation(invited.email).getByRole('button', { name: /^Invite again/ }).click();
    await buyer.seesMessage('Invitation sent.');
    await expect(buyer.invitation(invited.email).getByText('Pending', { exact: true })).toBeVisible();
    const again = linkIn(await mailTo(invited.email, company, 2), '/i/');
    expect(again).not.toBe(link);
    await seller.openInvitation(again, company);
    await seller.accept(invited.company, company);
  });

  await buyer.openSources(flow);
  await expect(buyer.switch(invited.company)).toBeChecked();
  expect((await buyer.openSource(flow, invited.company)).id).toBe(source.id);
  await expect(buyer.page.locator('[name="row-0-value"]')).toHaveValue('st');
});
