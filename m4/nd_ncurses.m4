# nd_ncurses.m4 - nudgectl top, the display in a terminal: ncurses with wide characters

AC_DEFUN([ND_NCURSES], [
  AC_ARG_WITH([ncurses], [AS_HELP_STRING([--without-ncurses], [no nudgectl top, the display in a terminal])],
    [], [with_ncurses=yes])
  AS_IF([test "x$with_ncurses" != xno], [
    PKG_CHECK_MODULES([NCURSES], [ncursesw >= 6.1], [],
      [AC_MSG_ERROR([ncursesw is missing: install libncurses-dev, or say --without-ncurses])])
    with_ncurses=yes
  ])
  AM_CONDITIONAL([WITH_NCURSES], [test "x$with_ncurses" = xyes])
])
