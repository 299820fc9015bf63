// libcurl, and plain functions for its variadic ones, which Swift does not import.
#pragma once
#include <curl/curl.h>

typedef size_t (*ccurl_data_callback)(char *bytes, size_t size, size_t count, void *context);
typedef int (*ccurl_prerequest_callback)(void *context, char *remote_ip, char *local_ip,
                                         int remote_port, int local_port);

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
  return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode ccurl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
  return (curl_easy_setopt)(easy, option, value);
}

/// For options that copy their text.
static inline CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *value) {
  return (curl_easy_setopt)(easy, option, value);
}

/// For options that keep the pointer.
static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode ccurl_set_data_callback(CURL *easy, CURLoption option,
                                               ccurl_data_callback callback) {
  return (curl_easy_setopt)(easy, option, callback);
}

static inline CURLcode ccurl_set_prerequest_callback(CURL *easy,
                                                     ccurl_prerequest_callback callback) {
  return (curl_easy_setopt)(easy, CURLOPT_PREREQFUNCTION, callback);
}

static inline CURLcode ccurl_get_long(CURL *easy, CURLINFO info, long *value) {
  return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLcode ccurl_get_pointer(CURL *easy, CURLINFO info, void **value) {
  return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLMcode ccurl_multi_set_callbacks(CURLM *multi, curl_socket_callback socket,
                                                  curl_multi_timer_callback timer,
                                                  void *context) {
  CURLMcode code = (curl_multi_setopt)(multi, CURLMOPT_SOCKETFUNCTION, socket);
  if (code == CURLM_OK) code = (curl_multi_setopt)(multi, CURLMOPT_SOCKETDATA, context);
  if (code == CURLM_OK) code = (curl_multi_setopt)(multi, CURLMOPT_TIMERFUNCTION, timer);
  if (code == CURLM_OK) code = (curl_multi_setopt)(multi, CURLMOPT_TIMERDATA, context);
  return code;
}

static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return (curl_multi_setopt)(multi, option, value);
}

/// The transfer that a CURLMSG_DONE message speaks of, and how it ended.
static inline CURL *ccurl_message_transfer(const CURLMsg *message) {
  return message->easy_handle;
}
static inline CURLcode ccurl_message_result(const CURLMsg *message) {
  return message->data.result;
}
