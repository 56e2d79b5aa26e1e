"""Addresses of the blog app."""

from django.urls import path

from blog import feeds, views

app_name = "blog"
urlpatterns = [
    path("", views.articles, name="list"),
    path("rss/", feeds.rss, name="feed"),
    path("<slug:slug>/", views.article, name="article"),
]
