// What comes of documents: what the command line writes. The program is the one that DOCKFIX names, or the tests' own.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";

import { fake, filter, host, until } from "./host.mjs";

const given = process.env.DOCKFIX;
const program = given ? resolve(given) : fake;
const messy = readFileSync(new URL("messy.Dockerfile", import.meta.url), "utf8");
const formatted = filter(program, "format", messy);
const fixed = filter(program, "fix", messy);

/** An editor with the messy file open and looked through. */
async function opened(t, options = {}) {
    const it = await host(t, { program, ...options });
    const document = it.state.open(join(it.folder, "Dockerfile"), messy);
    const findings = () => it.vscode.languages.getDiagnostics(document.uri);
    return { ...it, document, findings };
}

const found = ({ findings }) => until("a finding", () => findings().find((it) => String(it.code?.value ?? it.code) === "maintainer"));

test("the three texts differ", () => {
    assert.notEqual(formatted, messy);
    assert.notEqual(fixed, formatted);
});

test("a document is formatted as the command line does it", async (t) => {
    const { state, document } = await opened(t);
    await state.format(document);
    assert.equal(document.getText(), formatted);
    await state.format(document);
    assert.equal(document.getText(), formatted);
});

test("findings arrive, and go when they are mended", async (t) => {
    const it = await opened(t);
    const finding = await found(it);
    assert.equal(finding.source, "dockfix");
    const once = new Set(it.findings().map(({ range, message }) => JSON.stringify([range.start, message])));
    assert.equal(it.findings().length, once.size, "pushed or asked for, and not both");
    assert.equal(finding.range.start.line, messy.split("\n").findIndex((line) => /^maintainer/i.test(line)));
    await it.run("dockfix.fix");
    await until("no such finding", () => !it.findings().some((it) => String(it.code?.value ?? it.code) === "maintainer"));
});

test("settings hold as soon as they are made", async (t) => {
    const it = await opened(t);
    await found(it);
    it.state.set({ "dockfix.diagnostics": false });
    await until("no finding", () => it.findings().length === 0);
    it.state.set({ "dockfix.diagnostics": true });
    await found(it);
});

test("source.fixAll.dockfix fixes, and formatting after it gives what `fix` gives", async (t) => {
    const it = await opened(t);
    await found(it);
    const actions = await it.state.actions(it.document, it.state.wholeOf(it.document), "source.fixAll.dockfix");
    assert.equal(actions.length, 1);
    assert.equal(actions[0].kind.value, "source.fixAll.dockfix");
    await it.state.carryOut(actions[0]);
    await it.state.format(it.document);
    assert.equal(it.document.getText(), fixed);
});

test("the commands of the palette do what they say", async (t) => {
    const { state, document, run } = await opened(t);
    await run("dockfix.format");
    await until("layout", () => document.getText() === formatted);
    await run("dockfix.fix");
    await until("fixes", () => document.getText() === fixed);
    assert.deepEqual(state.messages, []);
});

test("the workspace is fixed once that was confirmed", async (t) => {
    const { state, document, folder, run } = await opened(t);
    writeFileSync(join(folder, "Dockerfile"), messy);
    await run("dockfix.fixAllFiles");
    assert.equal(document.getText(), messy);
    state.answers.push("Fix");
    await run("dockfix.fixAllFiles");
    await until("fixes", () => document.getText() === fixed);
    assert.deepEqual(state.messages.map(({ kind }) => kind), ["warning", "warning", "information"]);
    assert.match(state.messages.at(-1).text, /^dockfix: 1 of 1 files changed$/);
});

test("a rule's page is shown as a document of its own", async (t) => {
    const it = await opened(t);
    const finding = await found(it);
    it.state.cursor = finding.range.start;
    it.state.answers.push("maintainer");
    await it.run("dockfix.explain");
    assert.equal(it.state.messages.at(-1).buttons[0], "maintainer", "the rule under the cursor comes first");
    const [, uri] = it.state.executed.find(([name]) => name === "markdown.showPreview");
    assert.match(it.state.providers["dockfix-rule"].provideTextDocumentContent(uri), /maintainer/i);

    it.state.answers.push("Another rule…", "no-such-rule");
    await it.run("dockfix.explain");
    assert.match(it.state.messages.at(-1).text, /no.*rule/i);
});

const real = { skip: given ? false : "only the real server has these" };

test("a fix is taken from the light bulb, and its edit is asked for then", real, async (t) => {
    const it = await opened(t);
    const { range } = await found(it);
    const actions = await it.state.actions(it.document, range, "quickfix");
    const titles = actions.map(({ title }) => title);
    assert.ok(titles.includes("Ignore `maintainer` here"), titles.join(", "));
    await it.state.carryOut(actions.find(({ title }) => /^Write the label/.test(title)));
    assert.equal(it.document.getText(), filter(program, "fix", messy, "--no-format", "--select", "maintainer"));
});

test("hovering, ranges and typing are served", real, async (t) => {
    const { vscode, state, document } = await opened(t);
    const token = new vscode.CancellationTokenSource().token;
    const [hover] = state.providers.hover;
    const shown = await hover.provider.provideHover(document, new vscode.Position(1, 3), token);
    assert.match(shown.contents[0].value, /maintainer/i);
    const [part] = state.providers.formatRange;
    const options = { tabSize: 4, insertSpaces: true };
    const line = new vscode.Range(2, 0, 2, 3);
    state.change(document, await part.provider.provideDocumentRangeFormattingEdits(document, line, options, token));
    assert.deepEqual(document.getText().split("\n"), [...messy.split("\n").slice(0, 2), "RUN apk add curl", ""]);
    assert.equal(state.providers.formatOnType.length, 1);
});

test("a folder has settings of its own, and files of settings are watched", real, async (t) => {
    const folders = ["loud", "quiet"].map((it) => mkdtempSync(join(tmpdir(), it)));
    t.after(() => folders.forEach((it) => rmSync(it, { recursive: true })));
    const { vscode, state } = await host(t, { program, folders });
    state.folderSettings.set(folders[1], { "dockfix.diagnostics": false });
    state.set({ "dockfix.logLevel": "debug" });
    const [loud, quiet] = folders.map((it) => state.open(join(it, "Dockerfile"), messy));
    const findings = (document) => vscode.languages.getDiagnostics(document.uri).length;
    await until("findings", () => findings(loud) > 0);
    await state.format(quiet);
    assert.equal(findings(quiet), 0);
    assert.equal(quiet.getText(), formatted);

    const file = join(folders[0], "dockfix.toml");
    writeFileSync(file, 'preset = "layout-only"\n');
    state.watchers.forEach((it) => it.Create(file));
    await until("silence", () => findings(loud) === 0);
});
