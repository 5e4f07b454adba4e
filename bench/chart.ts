import type { FleetFigures } from "./fleet.ts";

const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 56;
const BOTTOM = 44;
const TOP = 36;
const COLOURS = ["#1f6feb", "#2da44e", "#bf8700"];

/** Images a second by workers, a line for each number of images; no script, no font, no link. */
export function fleetChart(all: readonly FleetFigures[]): string {
  const free = all.filter(({ ratePerSecond }) => ratePerSecond === undefined);
  const sizes = [...new Set(free.map(({ images }) => images))];
  const workers = [...new Set(free.map((one) => one.workers))].toSorted((a, b) => a - b);
  const most = Math.max(1, ...free.map(({ imagesPerSecond }) => imagesPerSecond));
  const top = niceAbove(most);
  const widest = Math.max(...workers);
  const x = (count: number): number => LEFT + ((WIDTH - LEFT - 24) * count) / widest;
  const y = (rate: number): number => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * rate) / top;
  const text = (at: readonly [number, number], words: string, more = ""): string =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" ${more}>${words}</text>`;
  const grid = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const rate = part * top;
    return `<line x1="${LEFT}" x2="${WIDTH - 24}" y1="${y(rate).toFixed(1)}" y2="${y(rate).toFixed(1)}" stroke="#d0d7de"/>${text([LEFT - 8, y(rate) + 4], String(Math.round(rate * 10) / 10), 'text-anchor="end"')}`;
  });
  const lines = sizes.map((images, nth) => {
    const colour = COLOURS[nth % COLOURS.length] ?? "#000";
    const points = free
      .filter((one) => one.images === images)
      .toSorted((a, b) => a.workers - b.workers)
      .map((one) => `${x(one.workers).toFixed(1)},${y(one.imagesPerSecond).toFixed(1)}`);
    const dots = points
      .map((point) => point.split(","))
      .map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="4" fill="${colour}"/>`);
    return `<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join("")}${text([LEFT + 12, TOP + 12 + nth * 18], `${images.toLocaleString("en")} images`, `fill="${colour}"`)}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Images a second by number of workers" font-family="sans-serif" font-size="12" fill="#57606a">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
${text([LEFT, 20], "images a second, by workers (100 ms a request, 4 images at a time each)")}
${grid.join("\n")}
${lines.join("\n")}
${workers.map((count) => text([x(count), HEIGHT - BOTTOM + 20], `${count} worker${count === 1 ? "" : "s"}`, 'text-anchor="middle"')).join("\n")}
</svg>
`;
}

function niceAbove(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 10].map((times) => times * unit).find((one) => one >= value) ?? value;
}
