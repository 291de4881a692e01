/** Where the focus goes, when an error goes, and what a screen reader is told. */

import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';

test('every dialog starts at its first field', { tag: '@needs-script' }, async ({ people }) => {
  const buyer = await people.buyer();
  await buyer.createPartner(`Harbor ${uniqueLogin('Ada').company}`);
  const users = buyer.page.getByRole('navigation', { name: 'Partner', exact: true }).getByRole('link', { name: 'Users' });
  await users.click();
  for (const time of ['first', 'second']) {
    await buyer.link('Invite User').click();
    await expect(buyer.field('Email'), time).toBeFocused();
    await buyer.checkPage();
    await buyer.button('Cancel').click();
    await expect(buyer.page.getByRole('dialog')).toHaveCount(0);
  }
  await buyer.createFlow('Solar leads');
  await buyer.control('Add Source').click();
  await expect(buyer.page.getByRole('combobox', { name: 'Select a source' })).toBeFocused();
  await buyer.control('Create a new source').click();
  await expect(buyer.page.getByRole('radio', { name: 'Invite Partner' })).toBeFocused();
  await buyer.button('Next').click();
  await expect(buyer.field('Company Email')).toBeFocused();
  await buyer.checkPage();
});

test('an error goes when its field is corrected', async ({ people }) => {
  const buyer = await people.buyer();
  await test.step('on a page', async () => {
    await buyer.open('/me');
    const name = buyer.field('Your name');
    await name.fill('');
    await buyer.watch.refusal(422, () => buyer.button('Save name').click());
    await buyer.seesFieldError('Your name', 'Enter your name.', '');
    const error = buyer.page.getByRole('paragraph').filter({ hasText: 'Enter your name.' });
    await expect(error).toBeVisible();
    await name.fill('Ann Other');
    await name.press('Tab');
    await expect(error).toBeHidden();
  });

  await test.step('in an invitation', async () => {
    await buyer.createFlow('Solar leads');
    await buyer.openInvitation();
    await buyer.field('Company Email').fill('nobody@');
    await buyer.watch.refusal(422, () => buyer.button('Send Invite').click());
    const error = buyer.page.getByRole('paragraph').filter({ hasText: 'Enter an email address like name@example.com.' });
    await expect(error).toBeVisible();
    await buyer.field('Company Email').fill('somebody@example.com');
    await buyer.field('Company Email').press('Tab');
    await expect(error).toBeHidden();
    if (buyer.hasScript) {
      await expect(buyer.field('Company Email')).not.toHaveAttribute('aria-invalid');
      await expect(buyer.field('Company Email')).toHaveAccessibleDescription('');
    }
    await buyer.checkPage();
  });
});

test('correcting one of two wrong fields leaves the focus and the other error', { tag: '@needs-script' }, async ({ people }) => {
  const buyer = await people.buyer();
  const flow = await buyer.createFlow('Solar leads');
  await buyer.createCustomSource('Landing page');
  await buyer.openSource(flow, 'Landing page');
  await buyer.addMapping('State', '');
  await buyer.addMapping('Email', '');
  await buyer.watch.refusal(422, () => buyer.button('Save').click());
  const [first, second] = ['row-0-value', 'row-1-value'].map((name) => buyer.page.locator(`[name="${name}"]`));
  await expect(first!).toBeFocused();
  await expect(second!).toHaveAttribute('aria-invalid', 'true');
  await second!.fill('mail');
  await expect(second!).not.toHaveAttribute('aria-invalid');
  await expect(second!).toBeFocused();
  await expect(first!).toHaveAttribute('aria-invalid', 'true');
  await buyer.checkPage();
});

test('a new rule has the focus, and each button says which one it removes', async ({ people }) => {
  const buyer = await people.buyer();
  await buyer.createFlow('Solar leads');
  await buyer.openCriteria();
  const fields = buyer.page.locator('[name$="-field"]');
  await buyer.button('Add rule').click();
  await expect(fields).toHaveCount(1);
  await expect(fields.first()).toBeFocused();
  await fields.first().selectOption({ label: 'State' });
  await buyer.button('Add rule').click();
  await expect(fields).toHaveCount(2);
  await expect(fields.nth(1)).toBeFocused();
  await buyer.button('Add group').click();
  await expect(fields.nth(2)).toBeFocused();
  await buyer.button('Add rule to group').click();
  await expect(fields.nth(3)).toBeFocused();
  const names = ['Remove rule 1: State', 'Remove rule 2', 'Remove group 1', 'Remove rule 3', 'Remove rule 4'];
  const removes = buyer.page.getByRole('button', { name: /^Remove/ });
  for (const [index, name] of names.entries()) await expect(removes.nth(index)).toHaveAccessibleName(name);
  await buyer.checkPage();
  await buyer.button('Remove rule 2').click();
  await expect(fields).toHaveCount(3);
  if (buyer.hasScript) {
    await expect(buyer.button('Add rule')).toBeFocused();
    await fields.first().selectOption({ label: 'Email' });
    await expect(buyer.button('Remove rule 1: Email')).toBeVisible();
  }
  await buyer.checkPage();
});

test('a change made elsewhere is announced on the open list', { tag: '@needs-script' }, async ({ people }) => {
  const [buyer, colleague] = await Promise.all([people.buyer(), people.visitor()]);
  const flow = await buyer.createFlow('Solar leads');
  await buyer.createCustomSource('Landing page');
  await colleague.startSession(buyer.company);
  await colleague.open(`/flows/${flow.id}/sources`);
  const status = buyer.page.getByRole('status');
  await expect(status.filter({ hasText: 'Landing page: Custom Source, off.' })).toHaveCount(0);
  await colleague.page.getByRole('switch', { name: 'Enabled: Landing page' }).click();
  await expect(status.filter({ hasText: 'Landing page: Custom Source, off.' })).toHaveCount(1);
  await expect(buyer.switch('Landing page')).not.toBeChecked();
  await buyer.checkPage();
  await colleague.checkPage();
});

test('leaving an editor with unsaved changes asks first', { tag: '@needs-script' }, async ({ people }) => {
  const buyer = await people.buyer();
  const flow = await buyer.createFlow('Solar leads');
  await buyer.createCustomSource('Landing page');
  await buyer.openSource(flow, 'Landing page');
  const away = buyer.page.getByRole('link', { name: 'Solar leads', exact: true }).first();

  await buyer.addMapping('State', 'st');
  await buyer.watch.staysAfter(() => away.click());
  await expect(buyer.page.locator('[name="row-0-value"]')).toHaveValue('st');

  await buyer.save();
  await away.click();
  await buyer.sees(buyer.control('Add Source'));
});
