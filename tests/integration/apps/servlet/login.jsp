<%-- SPDX-License-Identifier: Apache-2.0 --%><%@ page contentType="text/plain" %><%
  session.setAttribute("name", request.getParameter("name"));
  request.changeSessionId();
%>id=<%= session.getId() %> next=<%= response.encodeURL("/cart.jsp") %>
