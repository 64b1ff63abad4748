#!/usr/bin/env node
// Runs the program of the platform's own package, and ends as it ends.
"use strict";

const { spawnSync } = require("node:child_process");
const { constants } = require("node:os");

function program() {
    if (process.env.DOCKFIX_BINARY) {
        return process.env.DOCKFIX_BINARY;
    }
    const name = `dockfix-${process.platform}-${process.arch}`;
    const file = process.platform === "win32" ? "dockfix.exe" : "dockfix";
    try {
        return require.resolve(`${name}/${file}`);
    } catch {
        console.error(`error: the package ${name} is not installed`);
        console.error("help: install without --omit=optional, or name a program in DOCKFIX_BINARY");
        process.exit(2);
    }
}

const { error, status, signal } = spawnSync(program(), process.argv.slice(2), { stdio: "inherit" });
if (error) {
    console.error(`error: dockfix can't be run: ${error.message}`);
    process.exit(2);
}
// A program that a signal ended counts as it does for a shell.
process.exit(status ?? 128 + constants.signals[signal]);
