/** Declining needs no account; the inviter is notified and keeps the setup. */

import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailTo } from '../support/mails.ts';

test('an invitee declines with a reason', async ({ people }) => {
  const [buyer, seller] = await Promise.all([people.buyer(), people.seller()]);
  const invited = uniqueLogin('Seller');
  const reason = 'We sell leads in Europe only.';
  const flow = await buyer.createFlow('Solar leads', ['State']);
  await buyer.invite(invited.email);
  await buyer.openSource(flow, invited.email);
  await buyer.addMapping('State', 'st');
  await buyer.save();
  await buyer.openSources(flow);

  const link = linkIn(await mailTo(invited.email, buyer.company.company), '/i/');
  await seller.openInvitation(link, buyer.company.company);
  await seller.decline(reason);
  await seller.sees(seller.page.getByText(/declined/i));

  await buyer.awaitChange();
  await buyer.sees(buyer.source(invited.email).getByText('Account Source (Declined)', { exact: true }));
  await expect(buyer.switch(invited.email)).not.toBeChecked();
  await expect(await buyer.cell(invited.email, 'Field Mappings')).toHaveText(/^\s*1\b/);
  const notice = await mailTo(buyer.company.email, `${invited.email} declined your invitation`);
  expect(notice.text).toContain(reason);

  await test.step('the link says that the invitation was declined', async () => {
    await seller.watch.refusal(410, () => seller.page.goto(link));
    await seller.arrivesAt('This invitation was declined');
    await expect(seller.button('Accept Invite to Connect')).toHaveCount(0);
  });
});
