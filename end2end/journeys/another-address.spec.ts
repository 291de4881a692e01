/** An invitation sent to the wrong address is sent to the right one, and the source keeps its setup. */

import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailsTo, mailTo } from '../support/mails.ts';

test('an invitation is sent to another address, and an address already in use is rejected', async ({ people }) => {
  test.slow();
  const [buyer, seller, stranger] = await Promise.all([people.buyer(), people.seller(), people.visitor()]);
  const { company } = buyer.company;
  const [wrong, taken, right] = [uniqueLogin('Wrong'), uniqueLogin('Taken'), uniqueLogin('Seller')];
  const flow = await buyer.createFlow('Solar leads', ['State']);
  await buyer.invite(taken.email);
  await buyer.invite(wrong.email);
  const source = await buyer.openSource(flow, wrong.email);
  await buyer.addMapping('State', 'st');
  await buyer.save();
  await buyer.openSources(flow);
  const old = linkIn(await mailTo(wrong.email, company), '/i/');

  await buyer.openActions(wrong.email);
  await buyer.action(wrong.email, 'Send to another address').click();
  await buyer.arrivesAt('Send to another address');
  const send = buyer.button('Send to another address');

  await test.step('an invalid address is rejected at the field', async () => {
    await buyer.field('Company Email').fill('seller@');
    await buyer.watch.refusal(422, () => send.click());
    await buyer.seesFieldError('Company Email', /Enter an email address/, 'seller@');
    await buyer.field('Company Email').fill(` ${wrong.email.toUpperCase()}`);
    await buyer.watch.refusal(422, () => send.click());
    await expect(buyer.field('Company Email')).toHaveAttribute('aria-invalid', 'true');
  });

  await test.step('the address of another source is rejected with its name', async () => {
    const typed = taken.email.toUpperCase();
    await buyer.field('Company Email').fill(typed);
    await buyer.watch.refusal(409, () => send.click());
    await buyer.sees(buyer.page.getByText('You already have a source with this address. Nothing was changed.'));
    await expect(buyer.page.getByRole('main')).toContainText(`your source ${taken.email}`);
    await expect(buyer.field('Company Email')).toHaveValue(typed);
    expect(await mailsTo(taken.email)).toHaveLength(1);
  });

  await buyer.field('Company Email').fill(right.email);
  await send.click();
  await buyer.seesMessage('Invitation sent to the new address.');
  await buyer.sees(buyer.source(right.email).getByText('Account Source (Connection Pending)', { exact: true }));
  await expect(buyer.source(wrong.email)).toHaveCount(0);
  await expect(await buyer.cell(right.email, 'Field Mappings')).toHaveText(/^\s*1\b/);

  await test.step('the old link no longer works and does not reveal the new address', async () => {
    await stranger.openRefused(old, 410);
    await stranger.arrivesAt('This invitation was revoked');
    await expect(stranger.page.getByText(right.email)).toHaveCount(0);
  });

  await seller.openInvitation(linkIn(await mailTo(right.email, company), '/i/'), company);
  await seller.createAccount(right);
  await seller.accept(right.company, company);

  await buyer.awaitChange();
  await buyer.sees(buyer.source(right.company).getByText('Account Source', { exact: true }));
  await expect(buyer.switch(right.company)).toBeChecked();
  expect((await buyer.openSource(flow, right.company)).id).toBe(source.id);
  await expect(buyer.page.locator('[name="row-0-value"]')).toHaveValue('st');
});
