// How the shadow follows the guest's page tables. `trace` sees each store to them and is always exact. `sync` sees the
// first few, then lets a page of them be written unseen and compares it at the guest's next fence: until then hardware
// may use what it has cached (norm:sfence_vma_op), so a guest that forgets a fence may see an old translation, lawfully. `drop` never
// looks: each fence and each write to satp empties the whole shadow, as the first monitors did.

export const DISCIPLINES = ['sync', 'trace', 'drop'] as const;
export type Discipline = (typeof DISCIPLINES)[number];
export const DEFAULT_DISCIPLINE: Discipline = 'sync';
