import fc from "fast-check";

/** Times of all magnitudes in [min, max] ms: as many around a minute as around an hour. */
export function timeBetween(min: number, max: number): fc.Arbitrary<number> {
  return fc
    .double({ min: Math.log(min), max: Math.log(max), noNaN: true })
    .map((log) => Math.min(Math.max(Math.round(Math.exp(log)), min), max));
}

/** What a random source gives, from `min`. */
export function drawsFrom(min: number): fc.Arbitrary<readonly number[]> {
  const draw = fc.double({ min, max: 1, maxExcluded: true, noNaN: true });
  return fc.oneof(fc.constantFrom([min], [0.999_999]), fc.array(draw, { minLength: 1, maxLength: 20 }));
}

/** Numbers that fill [0, 1) as evenly as random ones, but the same each time: multiples of the golden ratio. */
export function evenly(): () => number {
  let drawn = 0;
  return () => (drawn++ * 0.618_033_988_749_895) % 1;
}
