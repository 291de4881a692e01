/** An invitee who declined by mistake requests a new invitation; the inviter sees the request on Home. */

import type { Locator } from '@playwright/test';
import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailsTo, mailTo } from '../support/mails.ts';

test('a new invitation is requested from a declined link, sent and accepted', async ({ people }) => {
  test.slow();
  const [buyer, seller] = await Promise.all([people.buyer(), people.seller()]);
  const { company } = buyer.company;
  const invited = uniqueLogin('Seller');
  const attention = buyer.page.getByRole('heading', { name: 'Needs attention' });
  const notice = (words: string): Locator => buyer.page.getByRole('listitem').filter({ hasText: `${invited.email} ${words}` });
  const flow = await buyer.createFlow('Solar leads');
  await buyer.invite(invited.email);
  const link = linkIn(await mailTo(invited.email, company), '/i/');
  await seller.openInvitation(link, company);
  await seller.decline('By mistake.');
  await seller.arrivesAt('You declined the invitation');
  await buyer.open('/');
  await expect(notice('declined your invitation')).toContainText('By mistake.');

  await test.step('request a new one', async () => {
    await seller.openRefused(link, 410);
    await seller.arrivesAt('This invitation was declined');
    await expect(seller.page.getByText(invited.email)).toHaveCount(0);
    await seller.watch.refusal(410, () => seller.button('Request a new invitation').click());
    await seller.seesMessage('We asked the inviter for a new invitation.');
    await mailTo(buyer.company.email, `${invited.email} asked for a new invitation`);
  });

  await test.step('two requests on one day send one email', async () => {
    await seller.watch.refusal(410, () => seller.button('Request a new invitation').click());
    await seller.sees(seller.page.getByRole('alert'));
  });

  await test.step('Home shows the inviter the request', async () => {
    await buyer.open('/');
    await expect(attention).toBeVisible();
    await expect(notice('asked for a new invitation')).toHaveCount(1);
    expect((await mailsTo(buyer.company.email)).filter((mail) => mail.subject.includes('asked for a new'))).toHaveLength(1);
    await notice('declined your invitation').getByRole('button', { name: /^Dismiss/ }).click();
    await buyer.seesMessage('Dismissed.');
    await expect(notice('declined your invitation')).toHaveCount(0);
  });

  await test.step('invite again', async () => {
    await notice('asked for a new invitation').getByRole('link', { name: 'Invite again' }).click();
    await buyer.arrivesAt('Invitations');
    await buyer.invitation(invited.email).getByRole('button', { name: /^Invite again/ }).click();
    await buyer.seesMessage('Invitation sent.');
    await buyer.open('/');
    await expect(attention, 'what was done about needs no attention').toHaveCount(0);
  });

  await seller.openInvitation(linkIn(await mailTo(invited.email, company, 2), '/i/'), company);
  await seller.createAccount(invited);
  await seller.accept(invited.company, company);
  await buyer.openSources(flow);
  await expect(buyer.switch(invited.company)).toBeChecked();

  await test.step('a notice is dismissed', async () => {
    await buyer.open('/');
    await buyer.sees(buyer.page.getByText(`${invited.company} accepted your invitation.`));
    await buyer.button(/^Dismiss/).click();
    await buyer.seesMessage('Dismissed.');
    await expect(attention).toHaveCount(0);
  });
});
