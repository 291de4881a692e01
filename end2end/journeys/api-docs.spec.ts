/** The API documentation: from the settings to a call, its parameters and its responses. */

import { expect, test } from '../support/fixtures.ts';

test('the API page documents how to invite a seller', { tag: '@once' }, async ({ people, site }) => {
  const buyer = await people.buyer();
  await buyer.open('/settings/keys');
  await buyer.link('See the API documentation').click();
  await buyer.arrivesAt('API');
  await buyer.link('Invitations').click();
  const call = buyer.page.locator('details').filter({ hasText: `'${site.url}/api/v1/invitations/source'` });
  await expect(call.getByRole('region', { name: 'Example' })).toBeHidden();
  await call.locator('summary').click();
  await buyer.sees(call.getByRole('region', { name: 'Example' }));
  await expect(call).toContainText('plan_required: inviting needs LeadConduit Base or Pro.');
  await call.getByRole('link', { name: 'InviteSource' }).click();
  const schema = buyer.page.locator('details').filter({ has: buyer.page.locator('#schema-InviteSource') });
  await buyer.sees(schema.getByText('expires_in_days', { exact: true }));
});
