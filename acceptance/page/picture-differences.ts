/**
 * Compares two pictures of the page by what fonts do not change: how much of which colour stands in each fifth of the
 * width, for the colours that mean something. Letters are grey, and so are borders. Soft colours are behind text, and
 * grow with it: they must be there or not. Strong ones are bars and marks, which do not.
 */
import type { OpenBrowser } from "./browser.ts";

const BANDS = 5;
/** How much may be missing, of the pixels in the picture that has more of them. */
const SHARES = { soft: 0.7, strong: 0.25 } as const;
/** Antialiasing leaves so many pixels of a hue that nobody drew. */
const FEW_PIXELS = 400;
const HEIGHT = 0.35;

interface Measured {
  readonly height: number;
  /** Pixels by `band hue`. */
  readonly hues: Readonly<Record<string, number>>;
}

/** What differs, in words; empty when the pictures show the same. */
export async function differences(browser: OpenBrowser, shown: Buffer, drawn: Buffer): Promise<readonly string[]> {
  const [one, other] = [await measure(browser, shown), await measure(browser, drawn)];
  const found: string[] = [];
  if (Math.abs(one.height - other.height) > HEIGHT * Math.max(one.height, other.height)) {
    found.push(`height: ${one.height} px, not ${other.height} px`);
  }
  for (const key of new Set([...Object.keys(one.hues), ...Object.keys(other.hues)])) {
    const [now, then] = [one.hues[key] ?? 0, other.hues[key] ?? 0];
    const share = SHARES[key.startsWith("soft") ? "soft" : "strong"];
    if (Math.abs(now - then) > FEW_PIXELS + share * Math.max(now, then))
      found.push(`${key}: ${now} pixels, not ${then}`);
  }
  return found;
}

/** Chromium reads the PNG and counts; a page of nothing else, because the status page's policy admits no picture. */
async function measure(browser: OpenBrowser, png: Buffer): Promise<Measured> {
  const { page, context } = await browser.open("about:blank");
  const url = `data:image/png;base64,${png.toString("base64")}`;
  const measured = (await page.evaluate(`(${count})("${url}", ${BANDS})`)) as Measured;
  await context.close();
  return measured;
}

/** Runs in the browser. A hue counts where a colour is strong enough to be one: soft backgrounds and bars, not letters. */
const count = `async (url, bands) => {
  const image = await createImageBitmap(await (await fetch(url)).blob());
  const { width, height } = image;
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const { data } = canvas.getImageData(0, 0, width, height);
  const hues = {};
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const [r, g, b] = data.subarray(pixel * 4, pixel * 4 + 3);
    const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)];
    if (most - least < 14) continue;
    const hue = most === r ? (g - b) / (most - least) + 6 : most === g ? (b - r) / (most - least) + 8 : (r - g) / (most - least) + 10;
    const name = ["red", "orange", "green", "green", "blue", "blue"][Math.floor((hue % 6) + 0.25) % 6];
    const key = (most - least > 60 ? "strong " : "soft ") + name + " in band " + Math.floor(((pixel % width) / width) * bands);
    hues[key] = (hues[key] ?? 0) + 1;
  }
  return { height, hues };
}`;
