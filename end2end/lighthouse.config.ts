import { defineConfig } from '@playwright/test';
import journeys from './playwright.config.ts';

/** `make lighthouse`: one page after the other, so that none takes the processor from another. */
export default defineConfig({
  ...journeys,
  testDir: './lighthouse',
  fullyParallel: false,
  workers: 1,
  retries: 0,
  timeout: 900_000,
  reporter: [['list']],
  projects: [{ name: 'lighthouse' }],
});
