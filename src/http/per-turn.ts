/**
 * Makes a value once for all who ask within one turn of the event loop: a hundred scrapes that arrive together cost one
 * rendering, and share its bytes. Nobody gets a value from an earlier turn.
 */
export function oncePerTurn<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    if (made === undefined) {
      made = { value: make() };
      setImmediate(() => {
        made = undefined;
      });
    }
    return made.value;
  };
}
