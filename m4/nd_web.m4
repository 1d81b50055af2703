# nd_web.m4 - nudge-web, the dashboard's server: libmicrohttpd, and the page's curves, which are fetched once

AC_DEFUN([ND_WEB], [
  AC_ARG_WITH([web], [AS_HELP_STRING([--without-web], [no nudge-web, the dashboard for browsers])],
    [], [with_web=yes])
  AS_IF([test "x$with_web" != xno], [
    PKG_CHECK_MODULES([MICROHTTPD], [libmicrohttpd >= 0.9.70], [],
      [AC_MSG_ERROR([libmicrohttpd is missing: install libmicrohttpd-dev, or say --without-web])])
    with_web=yes
    for nd_file in uPlot.esm.js uPlot.min.css uPlot.LICENSE; do
      AS_IF([test -f "$srcdir/clients/web/page/vendor/$nd_file"], [],
        [AC_MSG_ERROR([clients/web/page/vendor/$nd_file is missing (./quickstart fetches it, and a tarball has it): run clients/web/fetch-uplot, or say --without-web])])
    done
  ])
  AM_CONDITIONAL([WITH_WEB], [test "x$with_web" = xyes])
])
