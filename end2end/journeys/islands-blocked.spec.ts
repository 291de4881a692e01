/** Pages whose islands do not load: they work by their forms and links. */

import { expect, test } from '../support/fixtures.ts';

test('a source is switched by its form if its page cannot become live @needs-script', async ({ people }) => {
  const buyer = await people.buyer();
  const flow = await buyer.createFlow('Solar leads');
  await buyer.createCustomSource('Landing page');
  await buyer.watch.blockIslands();
  await buyer.openSources(flow);
  await buyer.switch('Landing page').click();
  await buyer.seesMessage('The source is off.');
  await expect(buyer.switch('Landing page')).not.toBeChecked();
});

test('Add Source leads to its page if its dialog cannot be loaded @needs-script', async ({ people }) => {
  const buyer = await people.buyer();
  await buyer.createFlow('Solar leads');
  await buyer.watch.blockIslands();
  await buyer.link('Add Source').click();
  await expect(buyer.page).toHaveURL(/\/sources\/add/);
  const offers = buyer.page.getByRole('combobox', { name: 'Select a source' });
  await buyer.sees(offers);
  await offers.selectOption(await buyer.offer('Facebook').getAttribute('value'));
  await buyer.button('Add').click();
  await buyer.sees(buyer.source('Facebook'));
});
