# nd_systemd.m4 - directories of the service manager's files

# ND_SYSTEMD_DIR(NAME, OPTION, PC-MODULE, PC-VARIABLE, BELOW, WHAT)
AC_DEFUN([ND_SYSTEMD_DIR], [
  AC_ARG_WITH([$2], [AS_HELP_STRING([--with-$2=DIR], [directory of $6; no: none])],
    [$1=$withval],
    [PKG_CHECK_VAR([nd_$1], [$3], [$4], [$1=$nd_$1$5], [$1=no])])
  AC_SUBST([$1])
])

AC_DEFUN([ND_SYSTEMD], [
  ND_SYSTEMD_DIR([systemdsystemunitdir], [systemdsystemunitdir], [systemd], [systemdsystemunitdir], [], [units])
  ND_SYSTEMD_DIR([sysusersdir], [sysusersdir], [systemd], [sysusersdir], [], [users])
  ND_SYSTEMD_DIR([tmpfilesdir], [tmpfilesdir], [systemd], [tmpfilesdir], [], [directories])
  ND_SYSTEMD_DIR([udevrulesdir], [udevrulesdir], [udev], [udevdir], [/rules.d], [names of devices])
  # without udev's own word: where systemd's files are
  AS_IF([test "x$udevrulesdir" = xno && test "x$systemdsystemunitdir" != xno && test "x$with_udevrulesdir" != xno],
    [udevrulesdir=/lib/udev/rules.d])
  AM_CONDITIONAL([HAVE_SYSTEMD], [test "x$systemdsystemunitdir" != xno])
])
