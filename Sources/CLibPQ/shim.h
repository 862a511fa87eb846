#ifndef CLIBPQ_SHIM_H
#define CLIBPQ_SHIM_H

/* Debian keeps libpq's headers in a folder of their own, others beside the rest. */
#if __has_include(<postgresql/libpq-fe.h>)
#include <postgresql/libpq-fe.h>
#else
#include <libpq-fe.h>
#endif

#endif
