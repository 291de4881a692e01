/** API keys of an account: shown once, and invalid once revoked. */

import { createKey } from '../support/api.ts';
import { expect, test } from '../support/fixtures.ts';
import { row } from '../support/partner.ts';

test('a key is shown once and rejected from the first call after it is revoked', async ({ people }) => {
  const buyer = await people.buyer();
  await buyer.open('/settings/keys');
  await buyer.watch.refusal(422, () => buyer.button('Create API key').click());
  await buyer.seesFieldError('Key name', /name/, '');

  const key = await createKey(buyer, 'Nightly import');
  const system = await people.system(key);
  const other = await people.system(await createKey(buyer, 'Dashboard'));
  await system.get('/flows');

  await buyer.open('/settings/keys');
  await expect(buyer.page.getByText(key, { exact: false })).toHaveCount(0);
  const theirs = row(buyer, 'API keys', 'Nightly import');
  await expect(theirs).toContainText(buyer.company.name);
  await expect(theirs).not.toContainText('never');

  await theirs.getByRole('link', { name: /^Revoke/ }).click();
  await buyer.arrivesAt('Revoke the API key Nightly import?');
  await system.get('/flows');
  await buyer.button('Revoke').click();
  await buyer.seesMessage('API key revoked.');
  await expect(theirs).toContainText('Revoked');
  await expect(theirs.getByRole('link', { name: /^Revoke/ })).toHaveCount(0);

  expect(await system.get('/flows', 401)).toMatchObject({ error: 'authentication failed' });
  await other.get('/flows');
});
