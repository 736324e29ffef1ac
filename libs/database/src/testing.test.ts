import { expect, it } from 'vitest';

import { testDatabase } from './testing.ts';

it('gives every caller a migrated database of its own', async () => {
  const [one, other] = await Promise.all([testDatabase(), testDatabase()]);
  try {
    const id = '0198c0de-0000-7000-8000-000000000001';
    await one.database.prisma.workspace.create({ data: { id, name: 'mine' } });
    expect(await one.database.sql('SELECT name FROM workspace WHERE id = $1', [id])).toEqual([{ name: 'mine' }]);
    expect(await other.database.sql('SELECT name FROM workspace WHERE id = $1', [id])).toEqual([]);
  } finally {
    await Promise.all([one.drop(), other.drop()]);
  }
});

it('notes the statements that ran', async () => {
  const test = await testDatabase();
  try {
    test.statements.length = 0;
    await test.database.sql('SELECT 41 + 1 AS answer');
    expect(test.statements).toEqual(['SELECT 41 + 1 AS answer']);
  } finally {
    await test.drop();
  }
});
