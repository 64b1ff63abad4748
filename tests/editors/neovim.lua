-- Drives Neovim with a Dockerfile open, as $STEP says. What it does is on the disk afterwards, or in $FOUND.
local function fail(why)
  io.stderr:write(why .. "\n")
  vim.cmd("cquit")
end

local function wait(what, look)
  if not vim.wait(10000, look, 20) then
    fail("there never was " .. what)
  end
end

--- Takes the code action of a title or a kind, as a person does who is offered several.
local function take(title, context)
  local before = vim.api.nvim_buf_get_changedtick(0)
  vim.ui.select = function(actions, options, chosen)
    local titles = {}
    for _, action in ipairs(actions) do
      local shown = options.format_item and options.format_item(action) or action
      table.insert(titles, shown)
      if shown == title then
        return chosen(action)
      end
    end
    fail("no action `" .. title .. "`, but " .. table.concat(titles, ", "))
  end
  vim.lsp.buf.code_action(context)
  wait("an edit", function() return vim.api.nvim_buf_get_changedtick(0) ~= before end)
  vim.cmd("noautocmd write")
end

local steps = {
  save = function() vim.cmd("write") end,
  ["fix on save"] = function()
    vim.api.nvim_create_autocmd("BufWritePre", { callback = DOCKFIX_FIX })
    vim.cmd("write")
  end,
  diagnostics = function()
    local found = {}
    for _, it in ipairs(vim.diagnostic.get(0)) do
      table.insert(found, (it.lnum + 1) .. " " .. (it.code or it.user_data.lsp.code))
    end
    vim.fn.writefile(found, vim.env.FOUND)
  end,
  action = function()
    vim.fn.search("maintainer")
    take(vim.env.TITLE)
  end,
  ["all fixes"] = function() take("Fix all that is safe to fix", { only = { "source.fixAll.dockfix" } }) end,
}

wait("a server", function() return #vim.lsp.buf_get_clients(0) > 0 end)
wait("a finding", function() return #vim.diagnostic.get(0) > 0 end)
local ran, why = pcall(steps[vim.env.STEP])
if not ran then
  fail(tostring(why))
end
vim.cmd("qall!")
