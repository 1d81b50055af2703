# nd_hdf5.m4 - HDF5, for nudge-db export and import alone; the serial library, also where pkg-config's "hdf5" is one with MPI

AC_DEFUN([ND_HDF5], [
  AC_ARG_WITH([hdf5], [AS_HELP_STRING([--without-hdf5], [nudge-db exports and imports no HDF5])],
    [], [with_hdf5=yes])
  AS_IF([test "x$with_hdf5" != xno], [
    PKG_CHECK_MODULES([HDF5], [hdf5-serial >= 1.10], [], [
      PKG_CHECK_MODULES([HDF5], [hdf5 >= 1.10], [],
        [AC_MSG_ERROR([libhdf5 is missing: install libhdf5-dev, or say --without-hdf5])])])
    with_hdf5=yes
    AC_DEFINE([WITH_HDF5], [1], [nudge-db reads and writes HDF5])
  ])
  AM_CONDITIONAL([WITH_HDF5], [test "x$with_hdf5" = xyes])
])
