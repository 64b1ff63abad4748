import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import ts from "typescript-eslint";

export default defineConfig(
    { ignores: ["dist/", "node_modules/"] },
    js.configs.recommended,
    {
        files: ["src/**/*.ts"],
        extends: [ts.configs.strictTypeChecked, ts.configs.stylisticTypeChecked],
        languageOptions: { parserOptions: { projectService: true } },
        rules: { "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }] },
    },
    {
        files: ["**/*.mjs", "**/*.cjs"],
        languageOptions: {
            globals: Object.fromEntries(
                ["process", "console", "setTimeout", "clearTimeout", "setImmediate", "Buffer", "URL", "module", "require"].map((it) => [it, "readonly"]),
            ),
        },
    },
);
