/** The list of connections, and disconnecting. */

import { expect } from '@playwright/test';
import { row } from './partner.ts';
import type { Person } from './person.ts';

/** Disconnects a company from the list. The page asks for confirmation and says what will happen. */
export async function disconnect(person: Person, company: string, consequence: string): Promise<void> {
  await person.open('/connections');
  await row(person, 'Connections', company).getByRole('link', { name: `Disconnect ${company}` }).click();
  await person.arrivesAt(`Disconnect from ${company}?`);
  await expect(person.page.getByRole('main')).toContainText(consequence);
  await person.button('Disconnect').click();
  await person.seesMessage('Connection ended.');
  await expect(row(person, 'Connections', company)).toHaveCount(0);
}
