// hiredis 0.14 (https://github.com/redis/hiredis/tree/v0.14.1), its asynchronous interface.
#pragma once
#include <hiredis/async.h>
