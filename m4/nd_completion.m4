# nd_completion.m4 - where shells look for completions

# ND_COMPLETION_DIR(NAME, SHELL, BELOW)
AC_DEFUN([ND_COMPLETION_DIR], [
  AC_ARG_WITH([$2-completion-dir],
    [AS_HELP_STRING([--with-$2-completion-dir=DIR], [completion for $2 (DATADIR/$3); no: none])],
    [], [with_$2_completion_dir=yes])
  AS_CASE([$with_$2_completion_dir],
    [yes], [$1='${datadir}/$3'],
    [$1=$with_$2_completion_dir])
  AC_SUBST([$1])
])

AC_DEFUN([ND_COMPLETION], [
  ND_COMPLETION_DIR([bashcompletiondir], [bash], [bash-completion/completions])
  ND_COMPLETION_DIR([zshcompletiondir], [zsh], [zsh/site-functions])
  AM_CONDITIONAL([WITH_BASH_COMPLETION], [test "x$bashcompletiondir" != xno])
  AM_CONDITIONAL([WITH_ZSH_COMPLETION], [test "x$zshcompletiondir" != xno])
])
