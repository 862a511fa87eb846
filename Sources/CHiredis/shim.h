// hiredis as Swift sees it: the reader of replies and the writer of commands. Its sockets are not used.
#ifndef CHIREDIS_SHIM_H
#define CHIREDIS_SHIM_H

#include <hiredis/hiredis.h>
#include <hiredis/read.h>

#endif
