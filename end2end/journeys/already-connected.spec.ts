/** A second address of a connected company was invited: its source moves to the connected company's entity. */

import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailTo } from '../support/mails.ts';

test("a source of a connected company's other address joins it with its setup", { tag: '@once' }, async ({ people }) => {
  test.slow();
  const [buyer, seller, known] = await Promise.all([people.buyer(), people.seller(), people.company('Seller', { plan: 'partners' })]);
  const { company } = buyer.company;
  const second = uniqueLogin('Sales');
  await buyer.createFlow('First flow');
  await buyer.invite(known.email);
  await seller.openInvitation(linkIn(await mailTo(known.email, company), '/i/'), company);
  await seller.signInToAnswer(known);
  await seller.accept(known.company, company);

  const flow = await buyer.createFlow('Second flow', ['State']);
  await buyer.invite(second.email);
  const source = await buyer.openSource(flow, second.email);
  await buyer.addMapping('State', 'st');
  await buyer.save();
  await buyer.openSources(flow);

  await seller.openInvitation(linkIn(await mailTo(second.email, company), '/i/'), company);
  await seller.page.getByRole('checkbox').check();
  await seller.accept(known.company, company);

  await buyer.awaitChange();
  await buyer.sees(buyer.source(known.company).getByText('Account Source', { exact: true }));
  await expect(buyer.switch(known.company)).toBeChecked();
  await expect(buyer.page.getByText('Duplicate', { exact: true })).toHaveCount(0);
  expect((await buyer.openSource(flow, known.company)).id).toBe(source.id);
  await expect(buyer.page.locator('[name="row-0-value"]')).toHaveValue('st');

  await test.step('the emptied entity is offered nowhere', async () => {
    await buyer.createFlow('Third flow');
    await buyer.openOffers();
    await expect(buyer.offer(known.company)).toHaveCount(1);
    await expect(buyer.offer(second.email)).toHaveCount(0);
  });
  await test.step('the company is not invited again', async () => {
    await buyer.createFlow('Fourth flow');
    await buyer.openInvitation();
    await buyer.field('Company Email').fill(second.email);
    await buyer.button('Send Invite').click();
    await buyer.seesMessage("Source added. You're already connected with this company.");
    await buyer.sees(buyer.source(known.company).getByText('Account Source', { exact: true }));
  });
});
