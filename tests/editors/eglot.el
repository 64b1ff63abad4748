;;; -*- lexical-binding: t -*-
;; Drives Emacs with a Dockerfile open, as $STEP says. What it does is on the disk afterwards, or in $FOUND.

(require 'cl-lib)
(setq backup-inhibited t)

(defun wait-for (what look)
  (or (cl-loop repeat 500 thereis (funcall look) do (accept-process-output nil 0.02))
      (error "There never was %s" what)))

(defun take (title kind)
  "Takes the code action of TITLE and KIND of the whole file, as a person does who is offered several."
  (let ((before (buffer-chars-modified-tick)) (last-nonmenu-event t))
    (cl-letf (((symbol-function 'completing-read)
               (lambda (_ titles &rest _) (or (car (assoc title titles)) (error "No `%s' in %S" title (mapcar #'car titles))))))
      (eglot-code-actions (point) (point-max) kind t))
    (wait-for "an edit" (lambda () (/= before (buffer-chars-modified-tick))))
    (let (before-save-hook) (save-buffer))))

(find-file (getenv "FILE"))
(eglot--maybe-activate-editing-mode)
(run-hooks 'post-command-hook)
(wait-for "a server" #'eglot-managed-p)
(goto-char (point-min))
(wait-for "a finding" (lambda () (flymake-start) (flymake-diagnostics)))
(pcase (getenv "STEP")
  ("save" (set-buffer-modified-p t) (save-buffer))
  ("fix on save"
   (setq-local before-save-hook (list dockfix-fix))
   (set-buffer-modified-p t)
   (save-buffer))
  ("diagnostics"
   (let ((found (mapcar (lambda (it)
                          (format "%d %s" (line-number-at-pos (flymake-diagnostic-beg it))
                                  (plist-get (cdr (assoc 'eglot-lsp-diag (flymake-diagnostic-data it))) :code)))
                        (flymake-diagnostics))))
     (with-temp-file (getenv "FOUND") (insert (string-join found "\n") "\n"))))
  ("action" (search-forward "maintainer") (take (getenv "TITLE") nil))
  ("all fixes" (take "Fix all that is safe to fix" "source.fixAll.dockfix")))
;; What still comes of the server would be answered to nobody.
(eglot-shutdown (eglot-current-server))
(kill-emacs 0)
