// How the server is found, started and stopped, and what it is told. The small server of the tests hears it.
import assert from "node:assert/strict";
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";

import { fake, host, until } from "./host.mjs";

test("the server is started, and the status says so", async (t) => {
    const { state, heard } = await host(t);
    assert.equal(heard("initialize").length, 1);
    assert.equal(state.status.text, "dockfix 0.0.0");
    assert.equal(state.status.detail, fake);
    assert.equal(state.status.busy, false);
    assert.deepEqual(state.messages, []);
});

test("only settings that were made are told", async (t) => {
    const { heard } = await host(t, { settings: { "dockfix.ignore": ["DL3008"], "dockfix.options": { "format.indent": 2 } } });
    const [[told]] = await until("settings", () => heard("settings").length && heard("settings"));
    const made = { ignore: ["DL3008"], options: { "format.indent": 2 } };
    assert.deepEqual(told, { enable: true, diagnostics: true, ...made, logLevel: "info" });
    assert.equal(heard("initialize")[0].initializationOptions, undefined);
});

test("every setting but the extension's own reaches the server", async (t) => {
    const made = { enable: false, diagnostics: false, config: "ci/dockfix.toml", preset: "strict", select: ["all"], logLevel: "debug" };
    const more = { extendSelect: ["sudo"], ignore: [], maxEffect: "none", options: { "keep-cache": true }, docsUrl: "file:///{rule}" };
    const all = { ...made, ...more };
    const settings = Object.fromEntries(Object.entries(all).map(([name, value]) => [`dockfix.${name}`, value]));
    const { heard } = await host(t, { settings });
    const [[told]] = await until("settings", () => heard("settings").length && heard("settings"));
    assert.deepEqual(told, all);
});

test("a change of settings is told, and the server asks for what holds where", async (t) => {
    const folders = ["one", "two"].map((it) => mkdtempSync(join(tmpdir(), it)));
    t.after(() => folders.forEach((it) => rmSync(it, { recursive: true })));
    const { state, heard } = await host(t, { folders });
    assert.equal(heard("initialize")[0].workspaceFolders.length, 2);
    await until("settings", () => heard("settings").length);
    state.open(join(folders[1], "Dockerfile"), "FROM a\n");
    state.folderSettings.set(folders[1], { "dockfix.preset": "hadolint" });
    state.set({ "dockfix.preset": "strict" });
    const [told] = await until("a notification", () => heard("workspace/didChangeConfiguration").length && heard("workspace/didChangeConfiguration"));
    assert.equal(told.settings.dockfix.preset, "strict");
    const [, [window, file]] = await until("settings", () => heard("settings").length > 1 && heard("settings"));
    assert.deepEqual([window.preset, file.preset], ["strict", "hadolint"]);
    assert.ok(!("path" in window) && !("select" in window), "what nobody set is not told");
});

test("files that the server wants watched are watched", async (t) => {
    const { state, folder, heard } = await host(t);
    const [watcher] = await until("a watcher", () => state.watchers.length && state.watchers);
    watcher.Change(join(folder, "dockfix.toml"));
    const [{ changes }] = await until("a change", () => heard("workspace/didChangeWatchedFiles").length && heard("workspace/didChangeWatchedFiles"));
    assert.match(changes[0].uri, /dockfix\.toml$/);
});

test("a restart ends the one server before the other begins", async (t) => {
    const { state, heard, run } = await host(t);
    await Promise.all([run("dockfix.restart"), run("dockfix.restart")]);
    assert.equal(heard("initialize").length, 3);
    assert.equal(heard("shutdown").length, 2);
    assert.equal(state.status.text, "dockfix 0.0.0");
    assert.deepEqual(state.messages, []);
});

test("another path starts another program", async (t) => {
    const { state, folder, heard } = await host(t);
    const other = join(folder, "other");
    symlinkSync(fake, other);
    state.set({ "dockfix.path": other });
    await until("another program", () => state.status.detail === other);
    assert.equal(heard("initialize").length, 2);
});

test("what is missing is said, with a way to the setting", async (t) => {
    const { state, run } = await host(t, { program: "/nowhere/dockfix" });
    assert.equal(state.status.text, "dockfix not found");
    const [{ kind, text, buttons }] = state.messages;
    assert.equal(kind, "error");
    assert.match(text, /no program `\/nowhere\/dockfix`.*dockfix\.path/);
    assert.deepEqual(buttons, ["Open Settings"]);

    state.answers.push("Open Settings");
    await run("dockfix.restart");
    await until("settings", () => state.executed.some(([name]) => name === "workbench.action.openSettings"));

    state.open("/tmp/Dockerfile", "FROM a\n");
    await run("dockfix.fix");
    assert.match(state.messages.at(-1).text, /isn't running/);
});

test("a program that is no server fails, and can be replaced", async (t) => {
    const { state, heard } = await host(t, { program: process.execPath });
    assert.equal(state.status.text, "dockfix failed");
    state.set({ "dockfix.path": fake });
    await until("a server", () => state.status.text === "dockfix 0.0.0");
    assert.equal(heard("initialize").length, 1);
});

test("a bare name is found on PATH", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "dockfix-path-"));
    mkdirSync(join(folder, "empty"));
    mkdirSync(join(folder, "bin", "dockfix"), { recursive: true });
    symlinkSync(fake, join(folder, "dockfix"));
    writeFileSync(join(folder, "empty", "dockfix"), "not a program", { mode: 0o644 });
    const path = process.env.PATH;
    // A file that can't be run and a folder of that name stand before it.
    process.env.PATH = [join(folder, "empty"), join(folder, "bin"), folder, path].join(delimiter);
    t.after(() => {
        process.env.PATH = path;
        rmSync(folder, { recursive: true });
    });
    const { state } = await host(t, { program: "dockfix" });
    assert.equal(state.status.detail, join(folder, "dockfix"));
});

test("a server that dies is started again", async (t) => {
    const { state, heard, run } = await host(t);
    await run("fake.crash").catch(() => {});
    await until("a second server", () => heard("initialize").length === 2 && state.status.text === "dockfix 0.0.0");
    assert.match(state.log.find(({ level }) => level === "error").text, /gone.*\nthe end is near$/s);
});

test("deactivation stops the server", async (t) => {
    const { state, heard, deactivate } = await host(t);
    await deactivate();
    assert.equal(heard("shutdown").length, 1);
    await until("the end", () => heard("exit").length === 1);
    assert.equal(state.status.text, "dockfix stopped");
    assert.ok(!state.commands.has("dockfix.fix"));
});
