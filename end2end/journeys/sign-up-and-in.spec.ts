/** Sign-up confirmed by email, sign-in, sign-out, and the theme. */

import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailTo } from '../support/mails.ts';

test('a person signs up, confirms the address, signs out and signs in again', async ({ people }) => {
  const visitor = await people.visitor();
  const login = uniqueLogin('Buyer');
  await visitor.open('/');
  await visitor.link('Create account').first().click();
  await visitor.sees(visitor.button('Create account'));
  await visitor.fill({ 'Your name': login.name, 'Company name': login.company, Email: login.email, Password: login.password });
  await visitor.button('Create account').click();
  await visitor.arrivesAt('Check your email');

  const mail = await mailTo(login.email, 'Confirm your email address');
  expect(mail.text).toContain(login.company);
  const link = linkIn(mail, '/verify/');
  await visitor.open(link);
  await expect(visitor.page.getByRole('main')).toContainText(login.email);
  await visitor.button('Confirm address').click();
  await visitor.seesMessage('Welcome to Accord.');

  await visitor.signOut();
  await visitor.signIn(login);
  await visitor.navigate('Flows');
  await visitor.sees(visitor.control('New flow'));

  await test.step('the link works only once', async () => {
    const other = await people.visitor();
    await other.openRefused(link, 410);
    await expect(other.page.getByRole('main')).toContainText('This link has expired or was already used.');
  });
});

test('only the mailbox of an address reveals that it already has a user', { tag: '@once' }, async ({ people }) => {
  const [visitor, known] = await Promise.all([people.visitor(), people.company('Buyer', { plan: 'base' })]);
  await visitor.open('/signup');
  await visitor.fill({ 'Your name': 'Somebody', 'Company name': 'Some company', Email: known.email, Password: known.password });
  await visitor.button('Create account').click();
  await visitor.arrivesAt('Check your email');
  await mailTo(known.email, 'You already have an Accord account');
});

test('a wrong password and an unknown address get the same response', { tag: '@once' }, async ({ people }) => {
  const [visitor, known] = await Promise.all([people.visitor(), people.company('Buyer', { plan: 'base' })]);
  for (const email of [known.email, uniqueLogin('Buyer').email]) {
    await visitor.open('/signin');
    await visitor.watch.refusal(401, () => visitor.fillSignIn(email, 'wrong horse battery'));
    await visitor.sees(visitor.page.getByRole('alert').filter({ hasText: 'Incorrect email or password.' }));
    await expect(visitor.field('Email')).toHaveValue(email);
    await expect(visitor.field('Password')).toHaveValue('');
  }
  await visitor.signIn(known);
});

test('signing in returns to the requested page', { tag: '@once' }, async ({ people }) => {
  const [visitor, known] = await Promise.all([people.visitor(), people.company('Buyer', { plan: 'base' })]);
  await visitor.open('/flows/new');
  await expect(visitor.page).toHaveURL(/\/signin\?next=/);
  await visitor.fillSignIn(known.email, known.password);
  await visitor.sees(visitor.button('Create flow'));
});

test('anyone can choose light or dark', async ({ people }) => {
  const visitor = await people.visitor();
  const theme = visitor.page.getByRole('group', { name: 'Theme' });
  await visitor.open('/signin');
  for (const [name, value] of [['Dark', 'dark'], ['Light', 'light']] as const) {
    await theme.getByRole('button', { name }).click();
    await expect(theme.getByRole('button', { name })).toHaveAttribute('aria-pressed', 'true');
    await expect(visitor.page.locator('html')).toHaveAttribute('data-theme', value);
    await visitor.checkPage();
  }
  await visitor.open('/signup');
  await expect(visitor.page.locator('html')).toHaveAttribute('data-theme', 'light');
  await theme.getByRole('button', { name: 'System' }).click();
  await expect(visitor.page.locator('html')).not.toHaveAttribute('data-theme');
  await visitor.checkPage();
});
