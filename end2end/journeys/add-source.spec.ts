/** Sources that need no new invitation: custom, standard, and already invited ones. */

import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { mailsTo, mailTo } from '../support/mails.ts';

test('custom and standard sources start on and can be turned off', async ({ people }) => {
  const buyer = await people.buyer();
  const flow = await buyer.createFlow('Solar leads');
  await buyer.openCustomSource();
  await buyer.field('Source name').fill('Landing page');
  await buyer.button('Create source').click();
  await buyer.sees(buyer.source('Landing page').getByText('Custom Source', { exact: true }));
  await buyer.addOffered('Facebook');
  await expect(buyer.source('Facebook').getByText('Standard Source', { exact: true })).toBeVisible();

  await expect(buyer.switch('Landing page')).toBeChecked();
  await buyer.switch('Landing page').click();
  await buyer.seesMessage('The source is off.');
  await expect(buyer.switch('Landing page')).not.toBeChecked();
  await expect(buyer.switch('Facebook')).toBeChecked();

  await test.step('sources already in the flow are not offered', async () => {
    await buyer.openSources(flow);
    await buyer.openOffers();
    await expect(buyer.offer('Facebook')).toContainText('already in this flow');
    await expect(buyer.offer('Facebook')).toBeDisabled();
  });
});

test('a pending source is added to a second flow without a second email', async ({ people }) => {
  const buyer = await people.buyer();
  const { email } = uniqueLogin('Seller');
  await buyer.createFlow('First flow');
  await buyer.invite(email);
  await mailTo(email);
  await buyer.createFlow('Second flow');
  await buyer.addOffered(email);
  await expect(buyer.source(email).getByText('Account Source (Connection Pending)', { exact: true })).toBeVisible();
  expect(await mailsTo(email)).toHaveLength(1);
});

test('an address typed where a source is chosen is invited @needs-script', async ({ people }) => {
  const buyer = await people.buyer();
  const { email } = uniqueLogin('Seller');
  await buyer.createFlow('Solar leads');
  await buyer.openOffers();
  const choice = buyer.page.getByRole('combobox', { name: 'Select a source' });
  await choice.fill('nobody');
  await buyer.sees(buyer.page.getByText('No source with this name.'));
  await choice.fill(email);
  await buyer.offer(`Invite ${email}`).click();
  await expect(buyer.field('Company Email')).toHaveValue(email);
  await buyer.button('Send Invite').click();
  await buyer.sees(buyer.source(email));
  await mailTo(email);

  await test.step('the keyboard does the same, and what is pending is offered instead', async () => {
    await buyer.createFlow('Second flow');
    await buyer.openOffers();
    await choice.fill(email);
    await expect(buyer.offer('Invite')).toHaveCount(0);
    await choice.fill(`a.${email}`);
    await choice.press('Enter');
    await expect(buyer.field('Company Email')).toHaveValue(`a.${email}`);
    await buyer.button('Previous').click();
    await buyer.sees(buyer.page.getByText('Create a new source'));
  });
});
