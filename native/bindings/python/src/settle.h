/* Around a fork, see settle.c. */
#ifndef ZT_SETTLE_H
#define ZT_SETTLE_H

#include "zt.h"

PyObject *zt_before_fork(PyObject *module, PyObject *none);
/* In the parent. */
PyObject *zt_after_fork(PyObject *module, PyObject *none);

#endif
