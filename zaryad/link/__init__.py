"""The language between stations and the business: facts they report, orders they are given, answers they wait for."""
