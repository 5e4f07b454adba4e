/**
 * Remembers the `entriesMax` results that were asked for last, by key. A result that is still being made is
 * shared by all who ask for it; one that failed is forgotten, so that the next caller tries again.
 */
export function recent<T>(entriesMax: number): (key: number, make: () => Promise<T>) => Promise<T> {
  const entries = new Map<number, Promise<T>>();
  return (key, make) => {
    const known = entries.get(key);
    if (known) {
      entries.delete(key);
      entries.set(key, known);
      return known;
    }
    const made = make();
    entries.set(key, made);
    made.catch(() => {
      if (entries.get(key) === made) entries.delete(key);
    });
    for (const oldest of entries.keys()) {
      if (entries.size <= entriesMax) break;
      entries.delete(oldest);
    }
    return made;
  };
}
