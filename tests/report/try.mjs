// Opens a report in headless Chromium as its readers would: mouse, keyboard, phone, dark. Says what it measured, and fails
// on the first thing that is wrong. Arguments: the report, the number of its files, a folder for screenshots or nothing.
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [report, number, shots] = process.argv.slice(2);
const from = createRequire(join(process.env.MODULES, "x.js"));
const puppeteer = from("puppeteer-core");
const axe = readFileSync(from.resolve("axe-core/axe.min.js"), "utf8");
const assert = (holds, what) => {
  if (!holds) throw new Error(what);
};

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
  protocolTimeout: 120_000,
});
try {
  const page = await browser.newPage();
  const wrong = [];
  page.on("console", (it) => it.type() === "error" && wrong.push(`console: ${it.text()}`));
  page.on("pageerror", (it) => wrong.push(`error: ${it.message}`));
  page.on("request", (it) => it.url().split("#")[0] !== pathToFileURL(report).href && wrong.push(`request: ${it.url()}`));
  await page.setViewport({ width: 1280, height: 900 });
  const begin = performance.now();
  await page.goto(pathToFileURL(report).href, { waitUntil: "load", timeout: 60_000 });
  const loaded = Math.round(performance.now() - begin);
  const size = (statSync(report).size / 1e6).toFixed(1);

  const text = (selector) => page.$eval(selector, (it) => it.textContent);
  const settled = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const shot = async (name, full = false) => {
    if (shots) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: full });
  };
  const search = async (words) => {
    await page.$eval("#search", (it, words) => {
      it.value = words;
      it.dispatchEvent(new Event("input"));
    }, words);
    await settled();
  };
  const choose = async (id, value) => {
    await page.select(id, value);
    await settled();
  };
  const counted = async () => Number((/of ([\d,]+) files/.exec(await text("#count"))?.[1] ?? "0").replaceAll(",", ""));

  // All files are there, and a page of them is drawn.
  assert(await counted() === +number, `${await text("#count")} instead of ${number}`);
  await shot("desktop");
  await shot("desktop-full", true);

  for (const id of ["groups", "files"]) {
    await page.$eval(`#${id}`, (it) => it.scrollIntoView());
    await shot(`desktop-${id}`);
  }

  // Search, by a part of the path and by a rule; the time is that of a key.
  await search("hostile/");
  assert(await counted() === 1, `search: ${await text("#count")}`);
  const key = await page.evaluate(() => {
    const field = document.getElementById("search");
    const begin = performance.now();
    field.value = "dockerfile a";
    field.dispatchEvent(new Event("input"));
    return Math.round(performance.now() - begin);
  });
  await search("hostile/");

  // Unfolding with the keyboard alone, and folding again.
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("/");
  assert(await page.evaluate(() => document.activeElement.id) === "search", "a slash leads to the search");
  await page.focus("#rows .fold");
  await page.keyboard.press("Enter");
  const shown = await text(".detail .diff");
  assert(shown.includes("</script><script>window.evil = 1"), `the hostile file is not shown as it is: ${shown}`);
  assert(await page.evaluate(() => window.evil === undefined), "the hostile file ran");
  assert(await page.$$eval(".diff col", (it) => it.length) === 4, "the diff is not side by side");
  assert(await page.$eval(".fold", (it) => it.getAttribute("aria-expanded")) === "true", "aria-expanded");
  await page.keyboard.press("Enter");
  assert(await page.$(".detail") === null, "it does not fold");

  // Sorting and filters.
  await search("");
  await page.click('#files th[data-sort="rebuilt"] button');
  const rebuilt = await page.$$eval("#rows tr:not(.detail) td:nth-child(4)", (all) => all.map((it) => Number(it.textContent)));
  assert(rebuilt.length > 1 && rebuilt.every((it, at) => at === 0 || it <= rebuilt[at - 1]), `rebuilt: ${rebuilt}`);
  await choose("#state", "e2");
  const images = await counted();
  assert(images > 0 && images < +number, `effect image: ${images}`);
  const effects = await page.$$eval("#rows .effect", (all) => new Set(all.map((it) => it.textContent)).size);
  assert(effects === 1, "other effects are among them");
  await choose("#state", "");
  await page.evaluate(() => document.querySelector('#rules a[data-filter^="rule="]').click());
  await settled();
  assert(await page.$eval("#rule", (it) => it.value) !== "" && await counted() > 0, "a rule's link filters");
  await choose("#rule", "");
  if (+number > 100) {
    await page.click("#on");
    await settled();
    assert((await text("#count")).startsWith("101–"), await text("#count"));
  }

  // Diffs of many files in a row.
  await choose("#state", "0");
  const unfold = await page.evaluate(() => {
    const begin = performance.now();
    const folds = [...document.querySelectorAll("#rows .fold")].slice(0, 50);
    folds.forEach((it) => it.click());
    return { each: ((performance.now() - begin) / folds.length).toFixed(1), diffs: document.querySelectorAll(".diff, .detail .note").length };
  });
  assert(unfold.diffs >= 1, "nothing unfolds");
  await page.evaluate(() => document.querySelectorAll("#rows .fold[aria-expanded=true]").forEach((it, at) => at > 0 && it.click()));
  await page.$eval("#rows .diff", (it) => it.scrollIntoView({ block: "center" }));
  await shot("desktop-diff");

  // Accessibility, in each width and scheme.
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  const serious = [];
  const audit = async (name) => {
    await page.evaluate(axe);
    const result = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    for (const it of result.violations) {
      const line = `${name}: ${it.impact}: ${it.id}: ${it.help}: ${it.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" … ")}`;
      if (["serious", "critical"].includes(it.impact)) serious.push(line);
      else console.log(line);
    }
  };
  await audit("desktop, light");
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  await settled();
  await audit("desktop, dark");
  await shot("desktop-dark-diff");
  await page.evaluate(() => scrollTo(0, 0));
  await shot("desktop-dark");

  await page.setViewport({ width: 390, height: 844, isMobile: true, hasTouch: true, deviceScaleFactor: 2 });
  // A phone is another device, for which Chromium loads the page anew.
  await page.reload({ waitUntil: "load" });
  await choose("#state", "0");
  await page.$eval("#rows .fold", (it) => it.click());
  await settled();
  const wide = await page.evaluate(() => [...document.querySelectorAll("body *")]
    .filter((it) => !it.closest(".scroll, nav, .diff") && it.getBoundingClientRect().right > 390.5)
    .map((it) => `${it.tagName} ${it.id} ${it.className} ${it.getBoundingClientRect().right}`));
  assert(wide.length === 0 && await page.evaluate(() => innerWidth) === 390, `too wide for a phone: ${wide.slice(0, 9).join(", ")}`);
  assert(await page.$$eval(".diff col", (it) => it.length) === 2, "on a phone the diff is not in one column");
  const share = await page.$eval("#rows th", (it) => it.getBoundingClientRect().width / innerWidth);
  assert(share > 0.4, `the name of a file has ${Math.round(100 * share)} % of a phone's width`);
  await audit("phone, dark");
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  await settled();
  await audit("phone, light");
  await shot("phone");
  await page.$eval("#files", (it) => it.scrollIntoView());
  await shot("phone-files");
  await page.$eval("#rows .diff", (it) => it.scrollIntoView({ block: "start" }));
  await shot("phone-diff");

  if (shots) {
    await page.setViewport({ width: 1280, height: 900 });
    await page.pdf({ path: join(shots, "print.pdf"), format: "A4" });
  }
  assert(serious.length === 0, serious.join("\n"));
  assert(wrong.length === 0, wrong.join("\n"));
  console.log(`${number} files: ${size} MB, loaded in ${loaded} ms; a key of the search ${key} ms, a diff ${unfold.each} ms; `
    + "axe-core: nothing serious in light and dark, on desktop and phone");
} finally {
  await browser.close();
}
