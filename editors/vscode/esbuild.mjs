// The extension as one file, and beside it the licences of what is in it. The editor itself hands out the module `vscode`.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { build } from "esbuild";

const { metafile } = await build({
    entryPoints: ["src/extension.ts"],
    outfile: "dist/extension.js",
    bundle: true,
    external: ["vscode"],
    format: "cjs",
    platform: "node",
    target: "node20",
    metafile: true,
    minify: process.argv.includes("--minify"),
});

const folders = Object.keys(metafile.inputs).map((it) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(it)?.[0]);
const texts = [...new Set(folders.filter((it) => it !== undefined))].sort().map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((it) => /^licen[cs]e/i.test(it));
    if (file === undefined) {
        throw new Error(`${name} has no licence`);
    }
    return `${name} ${version} (${license})\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`;
});
await writeFile("dist/LICENSES.txt", (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`));
