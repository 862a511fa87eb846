// libcurl as Swift sees it: the headers, and a typed function for each use of the variadic ones.
// Every wrapper bears the name of what it wraps, behind `shim_`.
#ifndef CCURL_H
#define CCURL_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stddef.h>

CURLcode shim_curl_global_init(void);

CURLcode shim_curl_easy_setopt_long(CURL *easy, CURLoption option, long value);
CURLcode shim_curl_easy_setopt_offset(CURL *easy, CURLoption option, curl_off_t value);
// libcurl copies the text.
CURLcode shim_curl_easy_setopt_text(CURL *easy, CURLoption option, const char *value);
CURLcode shim_curl_easy_setopt_pointer(CURL *easy, CURLoption option, void *value);
CURLcode shim_curl_easy_setopt_list(CURL *easy, CURLoption option, struct curl_slist *value);
// CURLOPT_WRITEFUNCTION, CURLOPT_HEADERFUNCTION and CURLOPT_READFUNCTION.
CURLcode shim_curl_easy_setopt_transfer(
    CURL *easy, CURLoption option, size_t (*value)(char *, size_t, size_t, void *));
CURLcode shim_curl_easy_setopt_seek(CURL *easy, int (*value)(void *, curl_off_t, int));

CURLcode shim_curl_easy_getinfo_long(CURL *easy, CURLINFO which, long *value);

CURLMcode shim_curl_multi_setopt_long(CURLM *multi, CURLMoption option, long value);

// The next finished transfer of a multi handle and how it ended; NULL when there is none.
CURL *shim_curl_multi_next_done(CURLM *multi, CURLcode *result);

#endif
