<%-- SPDX-License-Identifier: Apache-2.0 --%><%@ page contentType="text/plain" %><%
  StringBuilder items = (StringBuilder) session.getAttribute("items");
  if (items == null) session.setAttribute("items", items = new StringBuilder());
  if (request.getParameter("item") != null) items.append(request.getParameter("item"));
%>items=<%= items %> name=<%= session.getAttribute("name") %> id=<%= session.getId()
%> process=<%= ProcessHandle.current().pid() %> next=<%= response.encodeURL("/cart.jsp") %>
